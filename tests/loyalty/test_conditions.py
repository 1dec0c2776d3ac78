"""The condition language: what it refuses, how it reads, and what SQL cannot know."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from loyalty import conditions
from loyalty.conditions import InvalidCondition, NotInSQL
from loyalty.field_types import TEXT
from loyalty.fields import FieldSet

NOW = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)


# --- What it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        ({"all": []}, ""),
        ({"any": {}}, ""),
        ({"all": [["customer.language", "=", "en"]], "any": []}, ""),
        ({"all": [["customer.language", "=", "en"], 3]}, "all[1]"),
        ({"not": {"any": [["customer.language", "=", "en"], ["x", "=", 1]]}}, "not.any[1]"),
        (["customer.language", "="], ""),
        (["customer.language", "=", "en", "de"], ""),
        (["customer.shoe", "=", "en"], ""),
        (["customer", "=", "en"], ""),
        (["customer.attributes.1", "=", "en"], ""),
        (["customer.attributes.a'b", "=", "en"], ""),
        (["cards.coffee", "=", "en"], ""),
        (["cards.a b.points", "=", 1], ""),
        (["card.miles", "=", 1], ""),
        (["event.", "=", 1], ""),
        (["journey.opened", "=", True], ""),
        (["customer.language", "~", "en"], ""),
        (["customer.language", ">", "en"], ""),
        (["customer.language", "=", 3], ""),
        (["customer.language", "=", ""], ""),
        (["customer.language", "=", None], ""),
        (["customer.language", "=", "x" * 501], ""),
        (["customer.language", "=", "\x00"], ""),
        (["customer.language", "=", "\ud800"], ""),
        (["customer.language", "in", []], ""),
        (["customer.language", "in", "en"], ""),
        (["customer.language", "exists", "yes"], ""),
        (["customer.points", "=", "500"], ""),
        (["customer.points", "=", 1.5], ""),
        (["customer.points", "=", True], ""),
        (["customer.points", "=", 10**16], ""),
        (["customer.points", "between", [1]], ""),
        (["customer.points", "between", [2, 1]], ""),
        (["customer.tags", "=", "vip"], ""),
        (["customer.tags", "has", ["vip"]], ""),
        (["customer.consent.email", "=", "yes"], ""),
        (["customer.birthday", "=", "28.2.1990"], ""),
        (["customer.birthday", "=", "2026-W01-1"], ""),
        (["customer.created_at", ">", "2026-03-03T10:00:00"], ""),
        (["customer.created_at", "within_days", -1], ""),
        (["customer.created_at", "within_days", 1.5], ""),
        (["customer.birthday", "within_days", 3], ""),
        (["card.status", "=", "lost"], ""),
        (["now.weekday", "=", "Tuesday"], ""),
        (["now.time", ">", "25:00"], ""),
        (["customer.attributes.shoe", ">", "42"], ""),
        (["customer.attributes.shoe", "=", [42]], ""),
        (["customer.attributes.shoe", "=", float("nan")], ""),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_path(tree, path):
    with pytest.raises(InvalidCondition) as refusal:
        conditions.parse(tree)

    assert refusal.value.path == path
    assert refusal.value.message


def test_a_condition_is_no_deeper_and_no_longer_than_a_reader_can_hold():
    leaf = ["customer.language", "=", "en"]
    deep: Any = leaf
    for _level in range(10):
        deep = {"not": deep}

    with pytest.raises(InvalidCondition):
        conditions.parse(deep)
    with pytest.raises(InvalidCondition):
        conditions.parse({"all": [leaf] * (conditions.MOST_LEAVES + 1)})
    assert conditions.parse(deep["not"])
    assert conditions.parse({"all": [leaf] * conditions.MOST_LEAVES})


def test_a_tree_cannot_be_changed():
    node = conditions.parse({"any": [["customer.language", "in", ["en"]]]})

    with pytest.raises(AttributeError):
        setattr(node, "nodes", ())  # noqa: B010 (mypy would refuse the plain form, as it should)
    assert isinstance(hash(node), int)


def test_only_fields_that_can_have_a_value_are_accepted():
    known = FieldSet(
        cards={"coffee": ("stamps", "rewards")},
        card=frozenset({"stamps"}),
        event={"unit": TEXT},
        has_order=False,
    )

    found = {
        name: known.find(name) is not None
        for name in (
            *("cards.coffee.stamps", "cards.coffee.number", "card.stamps", "event.unit"),
            *("cards.coffee.points", "cards.aurora.points", "card.points", "event.amount"),
            *("order.total",),
        )
    }

    assert [name for name in found if not found[name]] == [
        *("cards.coffee.points", "cards.aurora.points", "card.points", "event.amount"),
        "order.total",
    ]
    assert FieldSet(card=frozenset()).find("card.number") is None


def test_every_listed_field_can_be_found():
    listed = list(FieldSet(cards={"coffee": ("stamps", "rewards")}).listed())

    assert {"customer.language", "card.stamps", "cards.coffee.rewards", "now.time"} <= {
        field.name for field in listed
    }
    assert all(str(field.label) for field in listed)


# --- How it reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (["customer.language", "=", "en"], "language is “en”"),
        (["customer.points", ">=", 500], "points on all cards is at least 500"),
        (["customer.points", "between", [1, 5]], "points on all cards is between 1 and 5"),
        (["customer.tags", "has_not", "vip"], "tags does not have “vip”"),
        (["customer.email", "exists", False], "email is not known"),
        (["customer.language", "in", ["en", "de"]], "language is one of “en”, “de”"),
        (["cards.aurora.points", "<", 5], "aurora points is less than 5"),
        (["card.expires_at", "within_days", 7], "day of expiry is within the next 7 days"),
        (["card.installed", "=", True], "card installed is yes"),
        (["now.weekday", "=", "monday"], "weekday is Monday"),
        (["now.time", ">", "18:00"], "time of day is after 18:00"),
        ({"not": ["customer.language", "=", "en"]}, "not (language is “en”)"),
        (
            {
                "all": [
                    ["customer.language", "=", "en"],
                    {"any": [["event.amount", ">", 1], ["card.stamps", "=", 3]]},
                ]
            },
            "language is “en” and (amount is more than 1 or stamps is 3)",
        ),
    ],
)
def test_it_reads_in_plain_words(tree, words):
    assert conditions.sentence(conditions.parse(tree)) == words


# --- In SQL ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tree",
    [
        ["card.stamps", ">", 3],
        ["event.amount", ">", 3],
        ["order.total", ">", 3],
        {"any": [["customer.language", "=", "en"], ["now.weekday", "=", "monday"]]},
    ],
)
def test_what_is_known_only_when_it_happens_is_not_counted_before(tree):
    with pytest.raises(NotInSQL):
        conditions.as_q(conditions.parse(tree), NOW)


@pytest.mark.parametrize(
    ("currency", "words"),
    [
        ("USD", "total spent is between $0.05 and $1,990.00"),
        ("JPY", "total spent is between ¥5 and ¥199,000"),
        ("KWD", "total spent is between KWD\xa00.005 and KWD\xa0199.000"),
    ],
)
def test_money_reads_in_the_shops_currency(business, currency, words):
    business.currency = currency
    business.save()

    node = conditions.parse(["customer.total_spent", "between", [5, 199_000]])

    assert conditions.sentence(node) == words


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("2026-11-30", "day of expiry is after 30 Nov 2026"),
        ("2026-11-30T18:00:00+01:00", "day of expiry is after Mon 30 Nov 2026, 12:00"),
    ],
)
def test_a_moment_reads_on_the_readers_clock_and_a_day_as_a_day(limit, words):
    with timezone.override("America/New_York"):
        assert conditions.sentence(conditions.parse(["card.expires_at", ">", limit])) == words
