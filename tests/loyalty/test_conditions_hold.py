"""When a condition holds, over facts that stand in memory."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loyalty import conditions
from loyalty.facts import Facts
from loyalty.models import Card, Customer, Event, Order
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from loyalty.totals import Totals

NOW = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)  # a Tuesday; in Tokyo it is Wednesday

COFFEE = StampProgram(pk=1, slug="coffee")
AURORA = RewardProgram(pk=2, slug="aurora")


def facts(**given):
    customer = Customer(
        pk=1,
        first_name="Ann",
        last_name="Lee",
        language="en",
        birthday=date(1990, 2, 28),
        created_at=NOW - timedelta(days=10),
        tags=["vip", "early"],
        attributes={"shoe": 42, "size": "M", "ok": True, "list": ["a"], "none": None, "deep": {}},
        consents={"email": True, "sms": False},
    )
    cards = [
        Card(pk=1, program=COFFEE, number="111", issued_at=NOW - timedelta(days=9)),
        Card(pk=2, program=AURORA, number="222", issued_at=NOW, expires_at=NOW + timedelta(3)),
        Card(pk=3, program=AURORA, number="333", issued_at=NOW - timedelta(days=1)),
        Card(pk=4, program=AURORA, number="444", issued_at=NOW, status="blocked"),
    ]
    event = Event(
        name="balance_changed",
        data={"unit": "stamps", "amount": 3, "before": 7, "after": 10, "text": "9", "n": [5]},
    )
    order = Order(
        key="4711",
        status="paid",
        total_cents=1990,
        placed_at=NOW,
        lines=[{"quantity": 2}, {}, "odd"],
    )
    known = {
        "customer": customer,
        "now": NOW,
        "zone": "UTC",
        "card": cards[0],
        "cards": cards,
        "event": event,
        "order": order,
        "balance": lambda card, unit: {(1, "stamps"): 4, (2, "points"): 120}.get((card, unit), 0),
        "totals": Totals(orders_count=2, total_spent=5000),
    }
    return Facts(**{**known, **given})


def holds(tree, **given):
    return conditions.holds(conditions.parse(tree), facts(**given))


@pytest.mark.parametrize(
    "tree",
    [
        ["customer.language", "=", "en"],
        ["customer.language", "!=", "de"],
        ["customer.language", "in", ["de", "en"]],
        ["customer.name", "=", "Ann Lee"],
        ["customer.first_name", "contains", "nn"],
        ["customer.first_name", "starts_with", "An"],
        ["customer.email", "exists", False],
        ["customer.birthday", "between", ["1990-01-01", "1990-12-31"]],
        ["customer.created_at", "within_days", 10],
        ["customer.created_at", ">", "2026-02-21"],
        ["customer.created_at", "<", "2026-02-22T00:00:00+01:00"],
        ["customer.tags", "has", "vip"],
        ["customer.tags", "has_not", "new"],
        ["customer.orders_count", "=", 2],
        ["customer.total_spent", ">=", 5000],
        ["customer.points", "=", 120],
        ["customer.consent.email", "=", True],
        ["customer.consent.sms", "=", False],
        ["customer.consent.push", "!=", True],
        ["customer.attributes.shoe", ">", 41.5],
        ["customer.attributes.size", "in", ["M", "L"]],
        ["customer.attributes.ok", "=", True],
        ["customer.attributes.list", "has", "a"],
        ["customer.attributes.none", "exists", False],
        ["customer.attributes.deep", "exists", False],
        ["card.stamps", "=", 4],
        ["card.number", "=", "111"],
        ["card.status", "=", "active"],
        ["card.installed", "=", False],
        ["card.expires_at", "exists", False],
        ["card.points", "exists", False],
        ["cards.aurora.points", "<=", 120],
        ["cards.aurora.number", "=", "222"],
        ["cards.aurora.expires_at", "within_days", 3],
        ["cards.tea.stamps", "exists", False],
        ["event.unit", "=", "stamps"],
        ["event.data.amount", "=", 3],
        ["event.after", ">=", 10],
        ["event.n.0", "=", 5],
        ["order.key", "=", "4711"],
        ["order.total", "between", [1990, 2000]],
        ["order.status", "in", ["paid", "completed"]],
        ["order.total_line_items", "=", 3],
        ["order.total_quantity", "=", 4],
        ["now.weekday", "=", "tuesday"],
        ["now.time", ">=", "22:30"],
        ["now.date", "=", "2026-03-03"],
        {"not": ["customer.language", "=", "de"]},
        {"all": [["customer.language", "=", "en"], ["card.stamps", "<", 5]]},
        {"any": [["customer.language", "=", "de"], ["card.stamps", "<", 5]]},
    ],
)
def test_it_holds(tree):
    assert holds(tree)
    assert not holds({"not": tree})


def test_comparisons_with_another_type_are_false_and_raise_nothing():
    assert not holds(["event.text", ">", 5])
    assert not holds(["event.text", "=", 9])
    assert not holds(["customer.attributes.ok", "=", 1])
    assert not holds(["customer.attributes.shoe", "contains", "4"])
    assert not holds(["customer.attributes.size", ">", 1])


def test_a_number_of_an_external_event_may_have_a_fraction():
    event = Event(name="weighed", data={"amount": 12.5, "key": 3})

    assert holds(["event.amount", ">", 12.25], event=event)
    assert holds(["event.data.key", "=", 3], event=event)


def test_nothing_is_false_but_for_the_two_that_ask_what_is_not():
    nobody: dict[str, Any] = {
        "customer": None,
        "card": None,
        "cards": [],
        "event": None,
        "order": None,
    }

    for name in ("customer.language", "card.number", "cards.aurora.number", "order.key"):
        assert not holds([name, "=", "x"], **nobody)
        assert not holds([name, "exists", True], **nobody)
        assert holds([name, "!=", "x"], **nobody)
    assert holds(["customer.tags", "has_not", "vip"], **nobody)
    assert not holds(["customer.points", ">", 0], **nobody)


def test_the_clock_is_the_customers():
    assert holds(["now.weekday", "=", "wednesday"], zone="Asia/Tokyo")
    assert holds(["now.time", "between", ["07:00", "08:00"]], zone="Asia/Tokyo")
    assert holds(["now.date", "=", "2026-03-04"], zone="Asia/Tokyo")


def test_an_expired_card_says_so():
    later = NOW + timedelta(days=4)

    assert holds(["cards.aurora.status", "=", "expired"], now=later)
    assert not holds(["cards.aurora.expires_at", "within_days", 30], now=later)


def test_a_message_says_values_as_json_can_keep_them():
    said = facts(zone="Asia/Tokyo").said

    assert said("customer.created_at") == "2026-02-22 07:30"
    assert said("customer.birthday") == "1990-02-28"
    assert said("customer.tags") == ["vip", "early"]
    assert said("now.time") == "07:30"
    assert said("card.stamps") == 4
    assert said("nobody.knows") is None
