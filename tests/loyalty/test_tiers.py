"""The ladder: who rises, who falls and when, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.models import Event
from tests.cast import give, person
from tests.loyalty.ladders import (
    AT_ONCE,
    LAST_HALF,
    NEVER,
    ONE,
    REVIEW,
    THRESHOLDS,
    YEARLY,
    buys,
    ladder,
    look,
    news,
    review_of,
    tier_of,
)
from tests.loyalty.shop import paid, record, refund

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_shop(business, dora):
    """Dora buys there."""


# --- Rising ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purchases", "tier", "told"),
    [
        ([9_999], None, []),
        ([10_000], "bronze", [(None, "bronze")]),
        ([5_000, 5_000], "bronze", [(None, "bronze")]),
        ([30_000], "silver", [(None, "bronze"), ("bronze", "silver")]),
        ([20_000, 45_000], "gold", [(None, "bronze"), ("bronze", "silver"), ("silver", "gold")]),
    ],
)
def test_who_has_spent_enough_rises_at_once_and_each_tier_is_told(purchases, tier, told, dora, now):
    ladder(now)

    for n, total in enumerate(purchases):
        buys(total, now, f"shop:{n}")

    assert tier_of(dora) == tier
    assert news() == told


def test_step_by_step_the_next_tier_comes_with_the_next_purchase(dora, now):
    ladder(now, climb="step")

    buys(90_000, now)
    assert tier_of(dora) == "bronze"
    look(now + 3 * DAY)
    assert tier_of(dora) == "bronze"
    buys(1, now + 4 * DAY)
    assert tier_of(dora) == "silver"

    assert news() == [(None, "bronze"), ("bronze", "silver")]


def test_what_was_told_says_who_and_why(dora, now):
    ladder(now)

    buys(30_000, now)

    first, second = Event.objects.filter(name="tier_changed").order_by("pk")
    assert second.data == {
        "before": "bronze",
        "after": "silver",
        "tier": "Silver",
        "direction": "up",
        "level": 2,
    }
    assert first.key != second.key
    assert (second.customer_id, second.cause) == (dora.pk, "webhook:1")


@pytest.mark.parametrize("metric", ["orders", "points"])
def test_orders_and_points_lead_up_as_well(metric, dora, aurora_card, now):
    ladder(now, {"bronze": 2, "silver": 50}, metric=metric)

    if metric == "points":
        give(aurora_card, 40, "first", now)
        look(now)
        assert tier_of(dora) == "bronze"
        give(aurora_card, 10, "second", now)
        look(now)
        assert tier_of(dora) == "silver"
    else:
        buys(1, now, "shop:1")
        assert tier_of(dora) is None
        buys(1, now, "shop:2")
        assert tier_of(dora) == "bronze"


def test_the_tier_of_nothing_is_everybodys_and_told_to_nobody(dora, now):
    ladder(now, {"basic": 0} | THRESHOLDS)
    erin = person(now, first_name="Erin", email="erin@example.com")
    look(now)

    assert (tier_of(dora), tier_of(erin)) == ("basic", "basic")
    assert news() == []
    buys(10_000, now)
    assert news() == [("basic", "bronze")]


def test_orders_in_another_currency_do_not_count(dora, now):
    ladder(now)

    buys(90_000, now, currency="CHF")

    assert tier_of(dora) is None


@pytest.mark.parametrize(
    ("settings", "days", "tier"),
    [
        ({"window": "months", "window_months": 3}, 85, "silver"),
        ({"window": "months", "window_months": 3}, 100, "bronze"),
        ({"window": "year"}, 85, "silver"),
        ({"window": "year"}, 310, "bronze"),
        ({"window": "all"}, 2_000, "silver"),
    ],
)
def test_only_what_falls_into_the_window_counts(settings, days, tier, dora, now):
    ladder(now, **settings)

    buys(20_000, now)
    buys(10_000, now + days * DAY)

    assert tier_of(dora) == tier


# --- Falling --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "tier"),
    [
        (NEVER, "gold"),
        (AT_ONCE, "bronze"),
        (AT_ONCE | ONE, "silver"),
        (REVIEW, "bronze"),
        (REVIEW | ONE, "silver"),
        (REVIEW | {"refund_drops": False}, "gold"),
        (YEARLY, "bronze"),
    ],
)
def test_a_refund_takes_a_tier_as_the_ladder_says(settings, tier, dora, now):
    ladder(now, **settings)
    paid(now, 70_000)
    look(now)
    assert tier_of(dora) == "gold"

    refund(now, 55_000)
    look(now)
    look(now + timedelta(minutes=10))

    assert tier_of(dora) == tier
    assert news()[3:] == ([] if tier == "gold" else [("gold", tier)])


@pytest.mark.parametrize(
    ("settings", "days", "tier"),
    [
        (NEVER, 700, "gold"),
        (AT_ONCE, 180, "gold"),
        (AT_ONCE, 190, None),
        (AT_ONCE | ONE, 190, "silver"),
        (REVIEW, 180, "gold"),
        (REVIEW, 185, None),
        (REVIEW | ONE, 185, "silver"),
        (REVIEW | ONE, 400, "bronze"),
        (REVIEW | {"grace_days": 20}, 200, "gold"),
        (REVIEW | {"grace_days": 20}, 206, None),
        (YEARLY, 118, "gold"),
        (YEARLY, 121, "gold"),  # on 1 July what was bought in March still counts
        (YEARLY, 490, None),
    ],
)
def test_time_takes_a_tier_as_the_ladder_says(settings, days, tier, dora, now):
    ladder(now, **LAST_HALF, **settings)
    buys(60_000, now)

    for day in [*range(1, days, 30), days]:
        look(now + day * DAY)

    assert tier_of(dora) == tier


def test_what_is_bought_in_the_days_of_grace_still_counts(dora, now):
    ladder(now, **LAST_HALF, **REVIEW, grace_days=20)
    buys(60_000, now)
    buys(31_000, now + 195 * DAY)

    look(now + 210 * DAY)

    assert tier_of(dora) == "silver"
    assert news()[-1] == ("gold", "silver")


def test_over_the_calendar_year_a_tier_lasts_through_the_next_one(dora, now):
    ladder(now, window="year", downgrade="review", review="yearly")
    buys(60_000, now)

    for date, tier in (
        (datetime(2027, 1, 2, tzinfo=UTC), "gold"),
        (datetime(2027, 12, 30, tzinfo=UTC), "gold"),
    ):
        look(date)
        assert tier_of(dora) == tier
    look(datetime(2028, 1, 2, tzinfo=UTC))

    assert tier_of(dora) is None


def test_who_kept_their_tier_is_reviewed_again_as_long_after_it(dora, now):
    ladder(now, **REVIEW)
    buys(60_000, now)
    first = review_of(dora)

    look(first)

    assert tier_of(dora) == "gold"
    assert review_of(dora) == datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
    look(first)
    assert news()[3:] == []


def test_a_cancelled_order_brings_down_what_it_brought_up(dora, now):
    ladder(now, **AT_ONCE)
    buys(30_000, now, "shop:1")

    record(now, key="shop:1", status="cancelled")
    look(now)

    assert tier_of(dora) is None
    assert news()[-1] == ("silver", None)
