"""The pass itself: what it says for each type of card, and that its signature is a real one."""

import hashlib
import json
import subprocess
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from PIL import Image

from loyalty import cards, pictures
from loyalty.models import Location, Storefront
from loyalty.wallet import links
from tests.cast import BY_STAFF, card_of
from tests.loyalty import programs
from tests.wallets import authority
from tests.wallets.phone import Pkpass


@pytest.fixture(autouse=True)
def time(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def verified(folder, kept: Pkpass) -> subprocess.CompletedProcess[str]:
    """What openssl says of the signature, knowing the root alone."""
    for name in ("signature", "manifest.json"):
        (folder / name).write_bytes(kept.files[name])
    (folder / "root.pem").write_text(authority.root().pem)
    return subprocess.run(
        ["openssl", "smime", "-verify", "-inform", "DER", "-in", folder / "signature",
         "-content", folder / "manifest.json", "-CAfile", folder / "root.pem", "-binary"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def opened(client):
    """A card's pass, as its link gives it."""

    def opened(card) -> Pkpass:
        answer = client.get(links.to_apple(card))
        assert answer.status_code == 200
        return Pkpass(answer.content)

    return opened


def test_openssl_accepts_the_signature(wallet_keys, coffee_card, opened, tmp_path):
    verdict = verified(tmp_path, opened(coffee_card))

    assert verdict.returncode == 0, verdict.stderr
    assert "successful" in verdict.stderr


def test_openssl_rejects_a_manifest_that_was_changed(wallet_keys, coffee_card, opened, tmp_path):
    kept = opened(coffee_card)
    kept.files["manifest.json"] = kept.files["manifest.json"].replace(b'"', b'" ', 1)

    verdict = verified(tmp_path, kept)

    assert verdict.returncode != 0
    assert "digest failure" in verdict.stderr


def test_the_manifest_names_every_file_with_its_hash(wallet_keys, coffee_card, opened):
    files = opened(coffee_card).files

    named = json.loads(files.pop("manifest.json"))
    files.pop("signature")

    assert named == {
        name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()
    }
    assert {"icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "strip@2x.png"} <= set(files)


def test_the_pictures_have_the_sizes_that_apple_asks_for(
    wallet_keys, coffee_card, opened, tmp_path
):
    files = opened(coffee_card).files

    sizes = {}
    for name in ("icon@2x.png", "logo.png", "strip@3x.png"):
        (tmp_path / name).write_bytes(files[name])
        with Image.open(tmp_path / name) as image:
            sizes[name] = image.size
    assert sizes == {"icon@2x.png": (58, 58), "logo.png": (50, 50), "strip@3x.png": (1125, 432)}


def test_a_shops_own_pictures_are_in_the_pass(wallet_keys, aurora_card, opened, now):
    drawing = BytesIO()
    Image.new("RGB", (800, 200), "#ff0000").save(drawing, "PNG")
    picture = pictures.keep(BytesIO(drawing.getvalue()), now=now)
    Storefront.objects.create(program=aurora_card.program, logo=picture, strip=picture)

    files = opened(aurora_card).files

    sizes = {}
    for name in ("logo@2x.png", "icon@2x.png", "strip.png"):
        with Image.open(BytesIO(files[name])) as image:
            sizes[name] = image.size
    assert sizes == {"logo@2x.png": (320, 80), "icon@2x.png": (58, 58), "strip.png": (375, 144)}


def test_the_pass_is_the_card(wallet_keys, coffee_card, opened, settings):
    document = opened(coffee_card).document

    assert document["passTypeIdentifier"] == authority.PASS_TYPE
    assert document["teamIdentifier"] == authority.TEAM
    assert document["serialNumber"] == coffee_card.serial
    assert document["barcodes"][0]["message"] == coffee_card.code
    assert document["barcodes"][0]["altText"] == coffee_card.number
    assert document["webServiceURL"] == f"{settings.PUBLIC_BASE_URL}/wallet/apple"
    assert len(document["authenticationToken"]) >= 16
    assert "voided" not in document
    assert "expirationDate" not in document


@pytest.mark.parametrize(
    ("kind", "style", "opening", "shown"),
    [
        ("stamp", "storeCard", None, {"stamps": "0 / 10", "rewards": 0}),
        ("reward", "storeCard", None, {"points": 0}),
        ("cashback", "storeCard", None, {"points": "$0.00"}),
        ("discount", "storeCard", None, {"spent": "$0.00"}),
        ("membership", "generic", None, {"plan": "Weekly", "visits": 12}),
        ("multipass", "eventTicket", 7, {"visits": 7}),
        ("coupon", "coupon", None, {"uses": "Not used yet"}),
        ("gift", "storeCard", 2550, {"money": "$25.50"}),
    ],
)
def test_each_type_of_card_shows_what_it_holds(
    wallet_keys, dora, opened, now, kind, style, opening, shown
):
    card, _made = cards.issue(programs.make(kind), dora, opening=opening, cause=BY_STAFF, now=now)

    kept = opened(card)

    assert style in kept.document
    assert kept.said().items() >= shown.items()
    assert kept.said()["customer"] == "Dora"


def test_the_next_reward_is_said(wallet_keys, alice, aurora, opened):
    said = opened(card_of(alice, aurora)).said()

    assert said["points"] == 100
    assert said["next"] == "Breakfast for two at 150"
    assert said["rewards"] == "A piece of cake: 50\nBreakfast for two: 150"


def test_a_change_can_be_said_on_the_locked_screen(wallet_keys, coffee_card, opened):
    fields = opened(coffee_card).document["storeCard"]["headerFields"]

    assert fields[0]["changeMessage"] == "Stamps: %@"


def test_a_card_that_ends_says_when(wallet_keys, coffee_card, opened, now):
    ends = now.replace(year=2999)
    cards.change_expiry(coffee_card, ends, now=now)

    document = opened(coffee_card).document

    assert document["expirationDate"] == ends.isoformat()
    assert document["storeCard"]["secondaryFields"][-1]["value"] == ends.isoformat()


def test_an_expired_card_is_void_and_has_no_code(wallet_keys, coffee_card, opened, now, time):
    cards.change_expiry(coffee_card, now + timedelta(seconds=1), now=now)
    time.shift(timedelta(seconds=1))

    document = opened(coffee_card).document

    assert document["voided"] is True
    assert "barcodes" not in document


def test_near_a_location_the_phone_shows_the_pass(wallet_keys, location, coffee_card, opened):
    Location.objects.filter(pk=location.pk).update(
        latitude=Decimal("47.366700"), longitude=Decimal("8.550000")
    )
    Location.objects.create(name="Nowhere", slug="nowhere")

    assert opened(coffee_card).document["locations"] == [
        {"latitude": 47.3667, "longitude": 8.55, "relevantText": "Coffee card at Harbour"}
    ]


@pytest.mark.parametrize(
    ("color", "text"), [("#fef3c7", "rgb(0, 0, 0)"), ("#111111", "rgb(255, 255, 255)")]
)
def test_the_text_can_be_read_on_the_programs_colour(
    wallet_keys, coffee, coffee_card, opened, color, text
):
    coffee.color = color
    coffee.save()

    assert opened(coffee_card).document["foregroundColor"] == text


def test_a_link_ends_with_the_code_it_was_made_of(wallet_keys, coffee_card, client, now):
    link = links.to_apple(coffee_card)

    cards.replace(coffee_card, now=now)

    assert client.get(link).status_code == 404
    assert client.get(link.replace(".pkpass", "x.pkpass")).status_code == 404


def test_without_certificates_there_is_no_pass(coffee_card, client):
    assert client.get(links.to_apple(coffee_card)).status_code == 404
