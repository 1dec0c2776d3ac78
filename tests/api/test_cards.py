"""Cards: shown, issued, given an end, deleted."""

from datetime import timedelta

import pytest

from loyalty import cards, clock, customers
from loyalty.models import Card, Event
from tests.api.caller import said
from tests.cast import BY_STAFF, card_of

UNKNOWN = ["nothing-here", "%00", "%ED%A0%80", "ä", "x" * 500, "..", "%2e%2e", "' OR 1=1 --"]


def test_a_card_is_shown_without_telling_of_a_scan(till, coffee_card):
    answer = till.get(f"cards/{coffee_card.serial}/")

    assert answer.json() == till.post("scan/", {"code": coffee_card.code}).json()["card"]
    assert Event.objects.filter(name="card_scanned").count() == 1


def test_a_reward_card_shows_what_it_can_be_spent_on(till, alice, aurora):
    card = till.get(f"cards/{card_of(alice, aurora).serial}/").json()

    assert card["balances"] == {"points": 100}
    assert [(reward["name"], reward["price"]) for reward in card["rewards"]] == [
        ("A piece of cake", 50),
        ("Breakfast for two", 150),
    ]


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"expires_at": None}),
        ("DELETE", "", None),
        ("GET", "operations/", None),
        ("POST", "accrue/", {"amount": 1}),
        ("POST", "redeem/", {}),
    ],
)
def test_a_card_that_is_not_there_is_not_found(office, method, rest, body):
    for serial in UNKNOWN:
        answer = office.send(method, f"cards/{serial}/{rest}", body, key="k")
        assert said(answer) == (404, "not_found"), serial


def test_blocked_and_deleted_cards_are_answered_as_unknown_ones(office, alice, now):
    blocked, deleted = alice.cards.all()
    cards.block(blocked, now=now)
    cards.delete(deleted, cause=BY_STAFF, now=now)

    answers = [
        office.get(f"cards/{serial}/") for serial in ("unknown", blocked.serial, deleted.serial)
    ]

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


# --- Issue ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["id", "number", "email", "first match"])
def test_a_card_is_issued_to_whoever_is_named(office, dora, coffee, way):
    who = {
        "id": {"id": dora.pk},
        "number": dora.pk,
        "email": {"email": " DORA@example.com"},
        "first match": {"external_id": "nobody", "email": dora.email},
    }[way]

    answer = office.once("cards/", {"program": "coffee", "customer": who})

    assert answer.status_code == 201
    assert answer.json()["serial"] == card_of(dora, coffee).serial
    assert answer.json()["customer"]["id"] == dora.pk


def test_a_second_card_of_a_program_is_the_first_one(office, dora, coffee_card):
    answer = office.once("cards/", {"program": "coffee", "customer": {"id": dora.pk}})

    assert answer.status_code == 200
    assert answer.json()["serial"] == coffee_card.serial
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid", "program"),
        ({"program": "coffee"}, "invalid", "customer"),
        ({"program": "tea", "customer": 1}, "invalid", "program"),
        ({"program": 1, "customer": 1}, "invalid", "program"),
        ({"program": "coffee", "customer": 999}, "invalid", "id"),
        ({"program": "coffee", "customer": {"email": "no@example.com"}}, "invalid", "customer"),
        ({"program": "coffee", "customer": {}}, "invalid", "customer"),
        ({"program": "coffee", "customer": "1"}, "invalid", "customer.id"),
        ({"program": "coffee", "customer": True}, "invalid", "customer.id"),
        ({"program": "coffee", "customer": 2**63}, "invalid", None),
        ({"program": "coffee", "customer": {"id": 1, "name": "x"}}, "unknown_field", None),
        ({"program": "coffee", "customer": 1, "serial": "mine"}, "unknown_field", "serial"),
        ({"program": "coffee", "customer": 1, "status": "active"}, "unknown_field", "status"),
    ],
    ids=str,
)
def test_what_cannot_be_issued_is_refused(office, dora, coffee, body, code, field):
    answer = office.once("cards/", body)

    assert said(answer) == (400, code)
    assert field is None or field in answer.json()["fields"]
    assert not Card.objects.exists()


# --- Change and delete ----------------------------------------------------------------------------


def test_a_card_gets_an_end_and_loses_it(office, coffee_card):
    path = f"cards/{coffee_card.serial}/"
    end = (clock.now() + timedelta(days=1)).replace(microsecond=0)

    ending = office.patch(path, {"expires_at": end.isoformat()}).json()
    endless = office.patch(path, {"expires_at": None}).json()

    assert ending["expires_at"] == end.isoformat().replace("+00:00", "Z")
    assert endless["expires_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"expires_at": ""},
        {"expires_at": "tomorrow"},
        {"expires_at": 1_800_000_000},
        {"expires_at": True},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"expires_at": "0001-01-01T00:00:00+14:00"},
        {"expires_at": "2026-02-30T00:00:00Z"},
        {"expires_at": ["2026-02-03T00:00:00Z"]},
        {"expires_at": None, "status": "active"},
        {"expires_at": None, "customer": 2},
        {"expires_at": None, "balances": {"stamps": 5}},
    ],
    ids=str,
)
def test_nothing_else_of_a_card_can_be_changed(office, coffee_card, body):
    answer = office.patch(f"cards/{coffee_card.serial}/", body)

    assert answer.status_code == 400
    after = Card.objects.get()
    assert (after.expires_at, after.status, after.changed_at) == (
        None,
        "active",
        coffee_card.changed_at,
    )


def test_a_deleted_card_is_gone(office, coffee_card):
    path = f"cards/{coffee_card.serial}/"

    gone, again = office.delete(path), office.delete(path)

    assert (gone.status_code, gone.content) == (204, b"")
    assert said(again) == (404, "not_found")
    assert Event.objects.filter(name="card_deleted").count() == 1


def test_the_card_of_an_erased_customer_is_gone(office, coffee_card, dora, now):
    customers.erase(dora, cause=BY_STAFF, now=now)

    assert said(office.get(f"cards/{coffee_card.serial}/")) == (404, "not_found")
