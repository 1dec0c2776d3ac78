"""What lives on because more is earned: what staff change later, and what is undone."""

from datetime import datetime, timedelta

import pytest

from loyalty import calendar
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Program
from tests.loyalty.postings import accrue, held, redeem, reverse
from tests.loyalty.shop import told

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def lapsing(card: Card, days: int | None = 20, *, restarts: bool = True) -> None:
    Program.objects.filter(pk=card.program_id).update(
        lot_life_days=days, lot_life_restarts=restarts
    )


def test_each_earning_keeps_all_of_it(points: Card, now: datetime) -> None:
    lapsing(points)
    for days in (0, 15, 30):
        accrue(points, 10, f"day {days}", now + days * DAY)

    calendar.settle(0, now=now + 49 * DAY)
    assert held(points) == {"points": 30}
    calendar.settle(0, now=now + 50 * DAY)

    assert held(points) == {"points": 0}
    assert broken(now + 50 * DAY) == []
    assert calendar.due(now + 500 * DAY) == []


def test_a_program_made_generous_takes_nothing_more(points: Card, now: datetime) -> None:
    lapsing(points)
    accrue(points, 10, "a", now)

    lapsing(points, None)
    accrue(points, 500, "b", now + 19 * DAY)
    calendar.settle(0, now=now + 21 * DAY)

    assert held(points) == {"points": 510}


def test_even_where_nothing_is_earned_after_that(points: Card, now: datetime) -> None:
    lapsing(points)
    accrue(points, 10, "a", now)
    lapsing(points, None)

    calendar.settle(0, now=now + 21 * DAY)

    assert held(points) == {"points": 10}
    assert calendar.due(now + 21 * DAY) == []


def test_an_undone_redemption_begins_no_end(points: Card, now: datetime) -> None:
    accrue(points, 500, "a", now)
    lapsing(points, 365)

    taken = redeem(points, 10, "b", now)
    reverse(taken.id, "c", now)
    calendar.settle(0, now=now + 40 * DAY)

    assert held(points) == {"points": 500}


def test_what_comes_back_after_all_was_over_stays_a_month(points: Card, now: datetime) -> None:
    lapsing(points)
    accrue(points, 50, "a", now)
    taken = redeem(points, 10, "b", now)
    calendar.settle(0, now=now + 21 * DAY)

    reverse(taken.id, "c", now + 22 * DAY)
    assert held(points) == {"points": 10}
    calendar.settle(0, now=now + 52 * DAY)

    assert held(points) == {"points": 0}


@pytest.mark.parametrize("is_settled", [True, False])
def test_what_was_out_when_all_was_over_stays_a_month_too(
    points: Card, now: datetime, is_settled: bool
) -> None:
    lapsing(points)
    accrue(points, 50, "a", now)
    taken = redeem(points, 50, "b", now)
    if is_settled:
        calendar.settle(0, now=now + 21 * DAY)

    reverse(taken.id, "c", now + 22 * DAY)
    assert held(points) == {"points": 50}
    calendar.settle(0, now=now + 52 * DAY)

    assert held(points) == {"points": 0}
    assert broken(now + 52 * DAY) == []


def test_whoever_takes_it_once_more_in_that_month_gains_no_other(
    points: Card, now: datetime
) -> None:
    lapsing(points)
    accrue(points, 50, "a", now)
    first = redeem(points, 50, "b", now)
    reverse(first.id, "c", now + 22 * DAY)
    again = redeem(points, 50, "d", now + 51 * DAY)

    reverse(again.id, "e", now + 53 * DAY)

    assert held(points) == {"points": 0}
    assert told("value_expired").get().data == {"unit": "points", "amount": 50}
    assert broken(now + 53 * DAY) == []


def test_who_earned_meanwhile_has_a_month_again(points: Card, now: datetime) -> None:
    lapsing(points)
    accrue(points, 50, "a", now)
    first = redeem(points, 50, "b", now)
    reverse(first.id, "c", now + 22 * DAY)
    accrue(points, 1, "one more", now + 40 * DAY)
    again = redeem(points, 51, "d", now + 51 * DAY)

    reverse(again.id, "e", now + 61 * DAY)

    assert held(points) == {"points": 51}


def test_nothing_earned_keeps_nothing(points: Card, now: datetime) -> None:
    lapsing(points)
    accrue(points, 50, "a", now)
    before = Account.objects.get(card=points).lapses_at

    accrue(points, 0, "nothing", now + 5 * DAY)

    assert Account.objects.get(card=points).lapses_at == before
