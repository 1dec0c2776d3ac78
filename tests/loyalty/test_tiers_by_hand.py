"""Tiers that staff give, and what changes on the ladder without being told."""

from datetime import timedelta

import pytest

from loyalty import customers, merging, orders, tiers
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.errors import Invalid, NotFound
from loyalty.models import Event, LadderSweep, Standing, Tier
from loyalty.orders import OrderData
from tests.cast import BY_STAFF, person
from tests.loyalty.ladders import AT_ONCE, buys, ladder, look, news, standing, tier_of
from tests.loyalty.shop import paid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_shop(business, dora):
    """Dora buys there."""


# --- By hand --------------------------------------------------------------------------------------


def tier(slug: str) -> Tier:
    return Tier.objects.get(slug=slug)


def test_by_hand_somebody_is_kept_until_a_day(dora, now):
    ladder(now, **AT_ONCE)
    until = now + 30 * DAY

    tiers.assign(dora, tier("gold"), until=until, reason="Wedding", cause=BY_STAFF, now=now)
    buys(10_000, now + DAY)
    look(until - DAY)

    assert (tier_of(dora), standing(dora).reason) == ("gold", "Wedding")
    assert news() == [(None, "gold")]
    look(until)
    assert tier_of(dora) == "bronze"
    assert standing(dora).locked_until is None


def test_kept_below_they_rise_when_the_hand_lets_go(dora, now):
    ladder(now)
    tiers.assign(dora, tier("bronze"), until=now + 30 * DAY, cause=BY_STAFF, now=now)

    buys(70_000, now + DAY)
    assert tier_of(dora) == "bronze"
    look(now + 30 * DAY)

    assert tier_of(dora) == "gold"


def test_where_nobody_falls_a_tier_by_hand_stays(dora, now):
    ladder(now)

    tiers.assign(dora, tier("gold"), until=now + 30 * DAY, cause=BY_STAFF, now=now)
    look(now + 60 * DAY)

    assert tier_of(dora) == "gold"
    assert not tiers.due(now + 60 * DAY)


def test_the_same_by_hand_is_no_news(dora, now):
    ladder(now)

    for _twice in range(2):
        tiers.assign(dora, tier("silver"), cause=BY_STAFF, now=now)
    tiers.assign(dora, None, cause=BY_STAFF, now=now)

    assert news() == [(None, "silver"), ("silver", None)]


def test_nobody_is_kept_until_a_moment_that_has_passed(dora, now):
    ladder(now)

    with pytest.raises(Invalid):
        tiers.assign(dora, tier("gold"), until=now, cause=BY_STAFF, now=now)

    assert not Standing.objects.exists()
    assert news() == []


def test_who_was_erased_has_no_tier_any_more(dora, now):
    ladder(now)
    buys(30_000, now)

    customers.erase(dora, cause=BY_STAFF, now=now)
    look(now + 3 * DAY)

    assert not Standing.objects.exists()
    assert all(event.data == {} for event in Event.objects.filter(name="tier_changed"))
    with pytest.raises(NotFound):
        tiers.assign(dora, tier("gold"), cause=BY_STAFF, now=now)


# --- Without news ---------------------------------------------------------------------------------


def test_another_ladder_moves_everybody_and_tells_nobody(dora, now):
    paid(now, 30_000)
    ladder(now)
    assert tier_of(dora) == "silver"

    ladder(now, {"gold": 25_000, "silver": 20_000})

    assert tier_of(dora) == "gold"
    assert news() == []
    look(now + 2 * DAY)
    assert news() == []


def test_what_an_import_did_counts_and_is_not_told(dora, now):
    ladder(now)
    data = OrderData(
        key="old:1", status="paid", customer=Who(id=dora.pk), total_cents=55_000, currency="USD"
    )

    orders.record(data, cause=Cause("import:7"), now=now)
    look(now)

    assert tier_of(dora) == "silver"
    assert news() + news("close_to_upgrade") == []


def test_a_tier_that_is_taken_from_the_ladder_leaves_who_had_it_to_what_they_deserve(dora, now):
    ladder(now)
    buys(30_000, now)

    tier("silver").delete()
    tiers.recompute(now)

    assert tier_of(dora) == "bronze"
    assert len(news()) == 2


def test_without_tiers_there_is_nothing_to_do(dora, now, django_assert_num_queries):
    ladder(now)
    Tier.objects.all().delete()
    tiers.recompute(now)
    paid(now, 90_000)

    with django_assert_num_queries(1):
        assert tiers.due(now) == []

    assert not LadderSweep.objects.exists()
    assert tier_of(dora) is None


def test_of_two_who_are_merged_the_higher_tier_stays(dora, now):
    ladder(now)
    other = person(now, email="d@shop.example")
    until = now + 30 * DAY
    tiers.assign(other, tier("gold"), until=until, reason="Wedding", cause=BY_STAFF, now=now)
    buys(10_000, now)

    merging.merge(other, dora, cause=BY_STAFF, now=now)
    look(now)

    assert (tier_of(dora), standing(dora).locked_until) == ("gold", until)
    assert Standing.objects.count() == 1
    assert len(news()) == 2
