"""Lots: which go first, and when they are over."""

from datetime import datetime, timedelta

import pytest

from loyalty import ledger
from loyalty.errors import (
    InsufficientBalance,
)
from loyalty.ledger.audit import broken
from loyalty.models import (
    Business,
    Card,
    Event,
    Lot,
    Operation,
    Program,
)
from loyalty.zones import later
from tests.loyalty.postings import accrue, held, redeem

pytestmark = pytest.mark.django_db


def test_what_was_earned_for_thirty_days_is_gone_after_them(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 40, "a", now)
    after = later(now, 30, 0, Business.get().time_zone)

    assert ledger.settle_due(10, now=after - timedelta(seconds=1)) == 0
    assert ledger.settle_due(10, now=after) == 1
    assert ledger.settle_due(10, now=after) == 0

    assert held(short_lived) == {"points": 0}
    assert Operation.objects.get(kind="expire").at == after
    assert Event.objects.get(name="value_expired").data == {"unit": "points", "amount": 40}


def test_an_expired_point_is_never_spent_though_nobody_swept(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 40, "old", now)
    accrue(short_lived, 5, "new", now + timedelta(days=20))

    with pytest.raises(InsufficientBalance):
        redeem(short_lived, 6, "too much", now + timedelta(days=31))
    redeem(short_lived, 5, "enough", now + timedelta(days=31))

    assert held(short_lived) == {"points": 0}


def test_lots_go_soonest_expiry_first_then_oldest(points: Card, now: datetime) -> None:
    for key, life in (("never", None), ("late", 90), ("soon", 10), ("soon too", 10)):
        Program.objects.filter(pk=points.program_id).update(lot_life_days=life)
        accrue(points, 10, key, now)

    redeem(points, 25, "spend", now)

    left = Lot.objects.order_by("pk").values_list("remaining", flat=True)
    assert list(left) == [10, 5, 0, 0]
    assert broken(now) == []


def test_spending_reads_no_more_lots_than_it_needs(points: Card, now: datetime) -> None:
    for n in range(45):
        accrue(points, 1, f"lot {n}", now)

    redeem(points, 44, "nearly all", now)

    assert Lot.objects.get(remaining=1).entry.operation.key == "lot 44"
    assert broken(now) == []
