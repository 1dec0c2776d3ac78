"""Who is close to a tier, who may lose one, and that nobody is missed."""

from datetime import timedelta

import pytest

from loyalty.models import Customer, Event, LadderSweep
from tests.loyalty.ladders import (
    AT_ONCE,
    LAST_HALF,
    ONE,
    REVIEW,
    buys,
    ladder,
    look,
    news,
    review_of,
    tier_of,
)
from tests.loyalty.shop import paid, record

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_shop(business, dora):
    """Dora buys there."""


# --- Being told in time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "spent", "told"),
    [
        ({}, 7_999, []),
        ({}, 8_000, [{"tier": "bronze", "remaining": 2_000}]),
        ({}, 25_999, []),
        ({}, 26_000, [{"tier": "silver", "remaining": 4_000}]),
        ({}, 99_000, []),
        ({"close_percent": 0}, 29_999, []),
        ({"close_percent": 0, "close_amount": 500}, 29_499, []),
        ({"close_percent": 0, "close_amount": 500}, 29_500, [{"tier": "silver", "remaining": 500}]),
    ],
)
def test_who_is_close_to_a_tier_is_told(settings, spent, told, dora, now):
    ladder(now, **settings)

    buys(spent, now)

    assert news("close_to_upgrade") == told


def test_being_close_is_told_once_for_each_tier_and_once_in_a_week(dora, now):
    ladder(now)

    buys(8_000, now)
    buys(500, now + 10 * DAY)
    buys(18_000, now + 11 * DAY)
    assert [each["tier"] for each in news("close_to_upgrade")] == ["bronze", "silver"]

    buys(30_000, now + 12 * DAY)  # close to gold, but told yesterday
    assert len(news("close_to_upgrade")) == 2
    buys(100, now + 19 * DAY)
    assert news("close_to_upgrade")[2] == {"tier": "gold", "remaining": 3_400}


def test_who_would_lose_their_tier_is_warned_once_before_each_review(dora, now):
    ladder(now, **LAST_HALF, **REVIEW, risk_days=14, drop="one")
    buys(60_000, now)
    review = review_of(dora)

    look(review - 15 * DAY)
    assert news("tier_downgrade_risk") == []
    look(review - 13 * DAY)
    look(review - 12 * DAY)

    at = review.isoformat()
    risk = {"tier": "gold", "projected": "silver", "remaining": 60_000, "review_at": at}
    assert news("tier_downgrade_risk") == [risk]
    look(review)
    assert tier_of(dora) == "silver"
    look(review_of(dora) - DAY)
    assert [each["projected"] for each in news("tier_downgrade_risk")] == ["silver", "bronze"]


def test_who_keeps_their_tier_is_not_warned(dora, now):
    ladder(now, **REVIEW)
    buys(60_000, now)

    look(review_of(dora) - DAY)

    assert news("tier_downgrade_risk") == []


# --- Nobody is missed -----------------------------------------------------------------------------


def test_an_event_that_was_committed_late_is_heard_a_little_later(dora, now):
    ladder(now)
    paid(now, 30_000)
    LadderSweep.objects.update(heard_to=Event.objects.latest("pk").pk)  # as if it had not been seen
    look(now)
    assert tier_of(dora) is None

    look(now + timedelta(minutes=3))

    assert tier_of(dora) == "silver"


def test_what_no_event_told_is_found_on_the_next_day(dora, now):
    ladder(now)
    buys(5_000, now, "shop:1")

    record(now, key="shop:1", total_cents=30_000)  # the platform corrects the amount
    look(now)
    look(now + DAY)

    assert tier_of(dora) == "silver"


def test_a_customer_who_is_looked_at_again_stays_where_they_are(dora, now):
    ladder(now, **AT_ONCE, **ONE, climb="step")
    buys(90_000, now)
    Customer.objects.update(changed_at=now)

    for minutes in range(0, 20, 3):
        look(now + timedelta(minutes=minutes))

    assert news() == [(None, "bronze")]
