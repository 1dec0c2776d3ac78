"""With nothing but curl and a token."""

import json
import shutil
import subprocess

import pytest

from tests.cast import balances

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")


@pytest.fixture
def curl(live_server, till, settings):
    settings.ALLOWED_HOSTS = ["*"]

    def run(path, *words):
        done = subprocess.run(
            [
                *("curl", "--silent", "--show-error", "--max-time", "30", "--include"),
                *("-H", f"Authorization: Bearer {till.plain}", *words),
                f"{live_server.url}/api/v1/{path}",
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        head, _blank, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        return head, json.loads(body)

    return run


def stamp(curl, card, key):
    return curl(
        f"cards/{card.serial}/accrue/",
        *("-H", f"Idempotency-Key: {key}", "-H", "Content-Type: application/json"),
        *("-d", '{"amount": 1}'),
    )


@pytest.mark.django_db(transaction=True)
def test_ten_stamps_are_a_reward_and_the_tenth_again_is_not_another(curl, coffee_card):
    answers = [stamp(curl, coffee_card, f"stamp-{n}") for n in range(10)]

    head, body = stamp(curl, coffee_card, "stamp-9")

    assert all(" 200 " in head.splitlines()[0] for head, _body in answers)
    assert body == answers[9][1]
    assert body["card"]["balances"] == {"stamps": 0, "rewards": 1}
    assert "idempotent-replayed: true" in head.lower()
    assert balances(coffee_card) == {"stamps": 0, "rewards": 1}


@pytest.mark.django_db(transaction=True)
def test_curls_own_content_type_is_refused_with_a_hint(curl, coffee_card):
    path = f"cards/{coffee_card.serial}/accrue/"

    head, body = curl(path, "-H", "Idempotency-Key: k", "-d", '{"amount": 1}')

    assert " 415 " in head.splitlines()[0]
    assert "application/json" in body["message"]


@pytest.mark.django_db(transaction=True)
def test_a_body_in_chunks_is_not_taken_for_an_empty_one(curl, coffee_card):
    _head, body = curl(
        f"cards/{coffee_card.serial}/redeem/",
        *("-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/json"),
        *("-H", "Idempotency-Key: chunks", "-d", '{"amount": 1}'),
    )

    assert body["code"] == "invalid"
