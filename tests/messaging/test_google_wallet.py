"""Google Wallet against a fake that checks our signatures: save, update, cap, callback."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from loyalty import cards, clock
from loyalty.models import Event, Pass
from loyalty.wallet import links
from messaging import wallets
from messaging.providers import google
from tests.cast import BY_STAFF, card_of, give
from tests.loyalty import programs
from tests.messaging.google_rest import FakeGoogle
from tests.wallets import googles

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def signer(now):
    return googles.Google(now)


@pytest.fixture
def rest(httpserver, settings, time, business, signer):
    google.kept.clear()
    settings.OUTBOUND_ALLOW = [f"{httpserver.host}:{httpserver.port}"]
    settings.GOOGLE_WALLET_URL = httpserver.url_for("/v1")
    settings.GOOGLE_KEYS_URL = httpserver.url_for("/keys")
    httpserver.expect_request("/keys").respond_with_json({"keys": signer.roots()})
    fake = FakeGoogle(httpserver)
    googles.equip_shop(httpserver.url_for("/token"))
    yield fake
    google.kept.clear()


def say(client, signed) -> int:
    answer = client.post("/wallet/google/callback/", json.dumps(signed), "application/json")
    return int(answer.status_code)


def unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def settled(time) -> int:
    time.shift(timedelta(seconds=5))
    return wallets.tell()


@pytest.fixture
def saved(rest, coffee_card, client, signer, time):
    """Dora's coffee card is in her Google Wallet."""
    client.get(links.to_google(coffee_card))
    assert say(client, signer.callback(coffee_card.serial, "save")) == 200
    settled(time)
    return coffee_card


def test_the_save_links_token_verifies_with_our_public_key(rest, coffee_card, client):
    answer = client.get(links.to_google(coffee_card))

    assert answer.status_code == 302
    base, _slash, token = answer["Location"].rpartition("/")
    assert base == "https://pay.google.com/gp/v/save"
    head, body, signature = token.split(".")
    assert json.loads(unpadded(head)) == {"alg": "RS256", "kid": "k1", "typ": "JWT"}
    googles.service_key().public_key().verify(
        unpadded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    claims = json.loads(unpadded(body))
    assert (claims["typ"], claims["aud"]) == ("savetowallet", "google")
    assert claims["iss"] == googles.EMAIL
    assert claims["payload"] == {
        "loyaltyObjects": [
            {
                "id": f"{googles.ISSUER}.{coffee_card.serial}",
                "classId": f"{googles.ISSUER}.coffee",
            }
        ]
    }
    assert len(answer["Location"]) < 1800


def test_google_knows_the_card_before_the_customer_comes(rest, coffee_card, client, settings):
    client.get(links.to_google(coffee_card))

    program = rest.things[f"{googles.ISSUER}.coffee"]
    assert program["programName"] == "Coffee card"
    assert program["callbackOptions"] == {
        "url": f"{settings.PUBLIC_BASE_URL}/wallet/google/callback/"
    }
    card = rest.things[f"{googles.ISSUER}.{coffee_card.serial}"]
    assert card["barcode"]["value"] == coffee_card.code
    assert card["loyaltyPoints"] == {"label": "Stamps", "balance": {"string": "0 / 10"}}
    assert card["secondaryLoyaltyPoints"] == {"label": "Rewards", "balance": {"int": 0}}
    logo = client.get(program["programLogo"]["sourceUri"]["uri"])
    assert (logo.status_code, logo["Content-Type"]) == (200, "image/png")


def test_money_is_told_in_millionths(rest, dora, client, now):
    card, _made = cards.issue(programs.make("gift"), dora, opening=2550, cause=BY_STAFF, now=now)

    client.get(links.to_google(card))

    balance = rest.things[f"{googles.ISSUER}.{card.serial}"]["loyaltyPoints"]["balance"]
    assert balance == {"money": {"micros": "25500000", "currencyCode": "USD"}}


def test_the_link_may_be_pressed_twice(rest, coffee_card, client):
    for _time in range(2):
        assert client.get(links.to_google(coffee_card)).status_code == 302

    assert rest.tokens == 1
    assert len(rest.writes("loyaltyClass")) == 1
    assert Pass.objects.count() == 1


def test_where_google_is_away_the_customer_is_asked_to_try_again(rest, coffee_card, client):
    rest.is_down = True

    answer = client.get(links.to_google(coffee_card))

    assert answer.status_code == 503
    assert "try again" in answer.content.decode()


def test_a_saved_card_is_installed_once(saved, client, signer):
    say(client, signer.callback(saved.serial, "save", nonce="n2"))

    saved.refresh_from_db()
    assert saved.is_installed
    assert Event.objects.get(name="card_installed").data["where"] == "google"


def test_what_was_earned_comes_to_google(saved, rest, time):
    rest.calls.clear()
    give(saved, 3, "three", clock.now())

    assert settled(time) == 1

    [body] = rest.writes("loyaltyObject")
    assert body["loyaltyPoints"]["balance"] == {"string": "3 / 10"}
    assert body["notifyPreference"] == "NOTIFY_ON_UPDATE"


def test_a_fourth_update_in_a_day_is_silent(saved, rest, time):
    rest.calls.clear()
    outcomes = []
    for number in range(5):
        give(saved, 1, f"stamp {number}", clock.now())
        settled(time)
        outcomes.append(Pass.objects.get().outcome)

    assert outcomes == ["sent", "sent", "sent", "capped", "capped"]
    assert ["notifyPreference" in body for body in rest.writes("loyaltyObject")] == [
        *(True, True, True, False, False)
    ]

    time.shift(timedelta(days=1))
    give(saved, 1, "next day", clock.now())
    settled(time)

    assert Pass.objects.get().outcome == "sent"
    assert len(Pass.objects.get().notified_at) == 1


def test_google_is_asked_again_later(saved, rest, time):
    rest.is_down = True
    give(saved, 1, "one", clock.now())
    settled(time)
    assert Pass.objects.get().outcome == "failed"

    rest.is_down = False
    time.shift(timedelta(minutes=1))

    assert settled(time) == 1
    assert Pass.objects.get().outcome == "sent"


def test_a_deleted_pass_is_told_of_and_left_alone(saved, rest, client, signer, time):
    deleted = signer.callback(saved.serial, "del", nonce="n3")
    assert [say(client, deleted), say(client, deleted)] == [200, 200]

    assert Event.objects.filter(name="card_uninstalled").count() == 1
    give(saved, 1, "later", clock.now())
    assert settled(time) == 0


def test_a_pass_that_nobody_has_any_more_is_left_alone(saved, rest, time):
    rest.has_users = False
    give(saved, 1, "one", clock.now())
    settled(time)

    give(saved, 1, "two", clock.now())

    assert settled(time) == 0


def test_a_card_that_is_gone_says_nothing_of_anybody(saved, rest, time):
    cards.delete(saved, cause=BY_STAFF, now=clock.now())
    settled(time)

    body = rest.writes("loyaltyObject")[-1]
    assert body["state"] == "INACTIVE"
    assert body["barcode"] is None
    assert "Dora" not in json.dumps(body)


def test_an_unsigned_callback_changes_nothing(rest, coffee_card, client, signer):
    client.get(links.to_google(coffee_card))
    forged = signer.callback(coffee_card.serial, "save")
    forged["signedMessage"] = forged["signedMessage"].replace("coffee", "forged")

    assert say(client, forged) == 401

    assert not Event.objects.filter(name="card_installed").exists()


def test_a_callback_of_a_card_we_do_not_know_is_taken_and_forgotten(rest, client, signer):
    assert say(client, signer.callback("nobody", "save")) == 200

    assert not Pass.objects.exists()


def test_the_next_reward_is_in_the_details(rest, alice, aurora, client):
    card = card_of(alice, aurora)

    client.get(links.to_google(card))

    said = rest.things[f"{googles.ISSUER}.{card.serial}"]
    assert said["loyaltyPoints"]["balance"] == {"int": 100}
    assert said["secondaryLoyaltyPoints"]["balance"] == {"string": "Breakfast for two at 150"}
