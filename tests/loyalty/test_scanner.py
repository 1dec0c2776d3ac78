"""The scanner's page, the files it starts with, and how a device is let in."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from loyalty import clock, guesses, pairings
from loyalty.models import ApiToken, Pairing
from loyalty.scanner import shell, words

CLAIM = "/scanner/pair/claim/"


def claim(client: Client, code: str) -> Any:
    return client.post(CLAIM, json.dumps({"code": code}), content_type="application/json")


@pytest.mark.parametrize("address", ["/scanner/", "/scanner/pair/"])
def test_the_page_tells_nothing_of_the_shop_but_its_name(client, location, address):
    answer = client.get(address)

    assert "Café Aurora" in answer.text
    assert "Harbour" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_every_file_the_scanner_starts_with_is_there(client, business):
    files = shell.files()

    assert len(files) == len(set(files))
    assert [name for name in files if not finders.find(name.removeprefix("/static/"))] == []
    assert "/static/vendor/qr/decode.js" in files
    worker = client.get("/scanner/sw.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    assert shell.version() in worker.text


def test_every_word_the_scripts_use_is_there():
    """Those that are written out; the rest is found by the browser's tests."""
    used = set()
    for name in shell.files():
        if name.endswith(".js") and "/scanner/" in name:
            found = finders.find(name.removeprefix("/static/"))
            used |= _said(Path(str(found)))

    assert len(used) > 60
    assert used - set(words.catalogue()) == set()


def test_a_pairing_code_gives_a_token_once(client, location):
    _pairing, code = pairings.offer("Phone", location, now=clock.now())

    answer = claim(client, code)

    assert answer.status_code == 201
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert client.get("/api/v1/device/", headers=bearer).json()["name"] == "Phone"
    assert claim(client, code).status_code == 404
    assert ApiToken.objects.count() == 1


def test_wrong_codes_are_throttled_and_a_right_one_works(client, location):
    _pairing, code = pairings.offer("Phone", location, now=clock.now())

    answers = [claim(client, f"WRONG{n}") for n in range(guesses.MOST + 1)]

    assert [answer.status_code for answer in answers] == [404] * guesses.MOST + [429]
    assert answers[-1].headers["Retry-After"] == "600"
    assert claim(client, code).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b'{"code": 5}', b'{"code": "a", "more": 1}'])
def test_what_is_no_code_is_refused(client, location, body):
    answer = client.post(CLAIM, body, content_type="application/json")

    assert answer.status_code == 400
    assert not ApiToken.objects.exists()


# --- The admin's page -----------------------------------------------------------------------------


def test_staff_make_a_kiosk_s_code(admin_client, location):
    said = {"name": "Door", "location": location.pk, "use": "kiosk", "kiosk_minutes": 30}

    answer = admin_client.post("/admin/loyalty/apitoken/pair/", said)

    pairing = Pairing.objects.get()
    assert (pairing.name, pairing.is_kiosk, pairing.kiosk_minutes) == ("Door", True, 30)
    assert f"/scanner/pair/#{answer.context['code'].replace(' ', '')}" in answer.text
    state = admin_client.get(f"/admin/loyalty/apitoken/pair/{pairing.pk}/")
    assert "Waiting for the device" in state.text
    Pairing.objects.update(expires_at=clock.now())
    state = admin_client.get(f"/admin/loyalty/apitoken/pair/{pairing.pk}/")
    assert "too old" in state.text
    assert "hx-get" not in state.text


def test_a_scanner_needs_a_location_first(admin_client, business):
    assert "Add a location" in admin_client.get("/admin/loyalty/apitoken/pair/").text


@pytest.mark.parametrize("address", ["pair/", "pair/1/"])
def test_who_may_not_add_tokens_pairs_nothing(client, location, address):
    client.force_login(User.objects.create_user("helper", is_staff=True))

    assert client.get(f"/admin/loyalty/apitoken/{address}").status_code == 403
    assert client.post(f"/admin/loyalty/apitoken/{address}", {"name": "X"}).status_code == 403
    assert not Pairing.objects.exists()


def _said(path: Path) -> set[str]:
    return {part.partition('"')[0] for part in path.read_text().split('say("')[1:]}
