"""A customer alone with a kiosk, and the device that asks."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty import cards, clock
from loyalty.models import Event, Operation, Plan, Program
from loyalty.models.mechanics import Mechanics
from loyalty.programs.cashback import CashbackProgram
from loyalty.programs.coupon import CouponProgram
from loyalty.programs.discount import DiscountProgram
from loyalty.programs.gift import GiftProgram
from loyalty.programs.membership import MembershipProgram
from loyalty.programs.multipass import MultipassProgram
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from tests.api.caller import said
from tests.cast import BY_STAFF

# A program, and what one scan at a kiosk does on a card of it; None: refused.
SERVED: dict[str, Any] = {
    "stamps by hand": (StampProgram, {}, ("stamps", 1)),
    "stamps by visit": (StampProgram, {"mechanics": "visit", "earn_amount": 2}, ("stamps", 2)),
    "stamps by spend": (StampProgram, {"mechanics": "spend"}, None),
    "points by hand": (RewardProgram, {"earn_amount": 5}, ("points", 5)),
    "points by visit": (RewardProgram, {"mechanics": "visit", "earn_amount": 3}, ("points", 3)),
    "points by spend": (RewardProgram, {"mechanics": "spend"}, None),
    "multipass": (MultipassProgram, {"pack": 10}, ("visits", -1)),
    "coupon": (CouponProgram, {"offer": "A coffee"}, ("uses", -1)),
    "cashback": (CashbackProgram, {}, None),
    "discount": (DiscountProgram, {}, None),
    "gift": (GiftProgram, {"is_store_credit": True}, None),
}


@pytest.fixture
def kiosk(caller):
    return caller("kiosk")


def moved(answer) -> list[tuple[str, int]]:
    return [(line["unit"], line["amount"]) for line in answer.json()["operation"]["entries"]]


@pytest.mark.parametrize("name", SERVED)
def test_a_kiosk_does_what_a_card_is_for(kiosk, dora, now, business, name):
    kind, settings, expected = SERVED[name]
    program = kind.objects.create(slug="p", name="P", **settings)
    card, _made = cards.issue(program, dora, cause=BY_STAFF, now=now)
    before = Operation.objects.count()

    answer = kiosk.once("kiosk/", {"code": card.code})

    if expected is None:
        assert said(answer) == (400, "illegal_operation")
        assert Operation.objects.count() == before
    else:
        assert moved(answer) == [expected]
        assert card.operations.filter(actor=f"kiosk:{kiosk.token.pk}").count() == 1


@pytest.mark.parametrize(("visits", "expected"), [(8, -1), (None, 1)])
def test_a_membership_is_counted_or_used(kiosk, dora, now, business, visits, expected):
    program = MembershipProgram.objects.create(slug="club", name="Club")
    Plan.objects.create(
        program=program, level=1, name="Basic", visits=visits, price_cents=1, is_recommended=True
    )
    card, _made = cards.issue(program, dora, cause=BY_STAFF, now=clock.now())

    assert moved(kiosk.once("kiosk/", {"code": card.code})) == [("visits", expected)]


def test_a_card_rests_at_every_kiosk_but_not_at_the_till(caller, coffee_card, till, time_machine):
    one, other = caller("kiosk"), caller("kiosk", "events")
    time_machine.move_to("2026-03-03T10:00:00Z", tick=False)
    assert one.once("kiosk/", {"code": coffee_card.code}).status_code == 200

    time_machine.shift(timedelta(minutes=59))
    refused = other.once("kiosk/", {"code": coffee_card.code})

    assert said(refused) == (409, "too_soon")
    assert refused["Retry-After"] == "60"
    assert till.get(f"cards/{coffee_card.serial}/").json()["balances"]["stamps"] == 1
    assert till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1}).status_code == 200
    time_machine.shift(timedelta(minutes=1))
    assert other.once("kiosk/", {"code": coffee_card.code}).status_code == 200


def test_another_card_does_not_wait(kiosk, coffee, coffee_card, alice):
    kiosk.once("kiosk/", {"code": coffee_card.code})

    answer = kiosk.once("kiosk/", {"code": alice.cards.get(program=coffee).code})

    assert answer.status_code == 200


def test_the_same_key_serves_once_and_is_told_once(kiosk, coffee_card):
    first = kiosk.post("kiosk/", {"code": coffee_card.code}, key="k")
    again = kiosk.post("kiosk/", {"code": coffee_card.code}, key="k")

    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert coffee_card.operations.filter(kind="accrue").count() == 1
    assert Event.objects.filter(name="card_scanned").count() == 1


def test_an_unknown_code_is_a_guess(kiosk):
    answers = [kiosk.once("kiosk/", {"code": f"c{n}"}).status_code for n in range(61)]

    assert answers == [404] * 60 + [429]


def test_a_kiosk_sees_its_customers_masked(kiosk, coffee, alice):
    holder = kiosk.once("kiosk/", {"code": alice.cards.get(program=coffee).code}).json()["card"][
        "customer"
    ]

    assert holder["name"] == "Alice A."
    assert holder["email"] == "a…@e….com"


# --- The device -----------------------------------------------------------------------------------


def test_a_device_learns_where_it_is_and_what_it_offers(till, coffee, aurora, location):
    told = till.get("device/").json()

    assert told["mode"] == "till"
    assert told["location"] == "Harbour"
    assert told["business"]["name"] == "Café Aurora"
    by_slug = {each["slug"]: each for each in told["programs"]}
    assert by_slug["coffee"]["accrue"] == {
        "unit": "stamps",
        "asks": "amount",
        "handy": [1, 2, 3, 4, 5],
    }
    assert by_slug["coffee"]["redeem"] == {"unit": "rewards", "amount": 1}
    assert by_slug["coffee"]["is_for_kiosks"]
    assert by_slug["aurora"]["accrue"]["asks"] == "purchase_cents"
    assert by_slug["aurora"]["redeem"] is None
    assert by_slug["aurora"]["rewards"] == {"unit": "points"}
    assert not by_slug["aurora"]["is_for_kiosks"]


def test_what_a_till_offers_says_how_each_type_is_asked(till, business):
    kinds = {name: kind for name, (kind, _settings, _moved) in SERVED.items()}
    for n, kind in enumerate(dict.fromkeys([*kinds.values(), MembershipProgram])):
        kind.objects.create(slug=f"p{n}", name="P")

    told = {each["type"]: each for each in till.get("device/").json()["programs"]}

    assert {type_: each["accrue"] and each["accrue"]["asks"] for type_, each in told.items()} == {
        "stamp": "amount", "reward": "amount", "multipass": "amount", "coupon": None,
        "cashback": "purchase_cents", "discount": "purchase_cents", "gift": "amount",
        "membership": "visits",
    }  # fmt: skip
    assert {type_: each["redeem"] for type_, each in told.items()} == {
        "stamp": {"unit": "rewards", "amount": 1},
        "reward": None,
        "multipass": {"unit": "visits", "amount": 1},
        "coupon": {"unit": "uses", "amount": 1},
        "cashback": {"unit": "points", "amount": None},
        "discount": None,
        "gift": {"unit": "money", "amount": None},
        "membership": {"unit": "visits", "amount": 1},
    }
    assert Program.objects.filter(mechanics=Mechanics.SPEND).count() == 2


def test_a_program_that_is_not_active_is_not_offered(till, coffee):
    Program.objects.update(is_active=False)

    assert till.get("device/").json()["programs"] == []


def test_a_device_that_leaves_is_let_in_no_more(till):
    assert till.delete("device/").status_code == 204

    assert said(till.get("device/")) == (401, "unauthenticated")
