"""Undoing an operation: whole, once, and what is missing becomes debt."""

from datetime import datetime, timedelta

import pytest

from loyalty import ledger
from loyalty.errors import (
    AlreadyReversed,
    IllegalOperation,
)
from loyalty.ledger import Kind
from loyalty.ledger.audit import broken
from loyalty.models import (
    Account,
    Card,
    Lot,
    Operation,
)
from tests.loyalty.postings import accrue, held, owed, posting, redeem, reverse, rows, said

pytestmark = pytest.mark.django_db


def test_an_accrual_is_reversed_whole_and_once(points: Card, now: datetime) -> None:
    posted = accrue(points, 40, "a", now)

    reversal = reverse(posted.id, "undo", now)
    with pytest.raises(AlreadyReversed):
        reverse(posted.id, "undo again", now)

    assert said(reversal) == [("points", -40, 0)]
    assert reverse(posted.id, "undo", now).is_replay
    assert broken(now) == []


def test_ten_stamps_reversed_take_the_reward_back_too(stamps: Card, now: datetime) -> None:
    accrue(stamps, 3, "three", now)
    posted = accrue(stamps, 10, "ten", now)

    reverse(posted.id, "undo", now)

    assert held(stamps) == {"stamps": 3, "rewards": 0}
    assert Account.objects.get(card=stamps, unit="rewards").lifetime_in == 0
    assert broken(now) == []


def test_what_is_missing_at_a_reversal_becomes_debt_that_later_earnings_pay_first(
    points: Card, now: datetime
) -> None:
    posted = accrue(points, 40, "a", now)
    redeem(points, 30, "spent", now)

    reverse(posted.id, "undo", now)
    owes = owed(points)
    paid = accrue(points, 50, "b", now)

    assert owes == {"points": 30}
    assert said(paid) == [("points", 20, 20)]
    assert owed(points) == {}
    assert broken(now) == []


def test_a_card_that_owes_stamps_pays_them_before_its_row_fills(
    stamps: Card, now: datetime
) -> None:
    posted = accrue(stamps, 8, "eight", now)
    redeem(stamps, 6, "taken off", now, unit="stamps")
    reverse(posted.id, "undo", now)

    accrue(stamps, 15, "fifteen", now)

    assert owed(stamps) == {}
    assert held(stamps) == {"stamps": 9, "rewards": 0}
    assert broken(now) == []


def test_a_reward_already_taken_is_owed_after_its_stamps_are_reversed(
    stamps: Card, now: datetime
) -> None:
    posted = accrue(stamps, 10, "ten", now)
    redeem(stamps, 1, "take", now)

    reverse(posted.id, "undo", now)

    assert held(stamps) == {"stamps": 0, "rewards": 0}
    assert owed(stamps) == {"rewards": 1}
    assert broken(now) == []


def test_a_redemption_reversed_goes_back_into_its_own_lots(points: Card, now: datetime) -> None:
    for key in ("a", "b"):
        accrue(points, 10, key, now)
    spent = redeem(points, 15, "spend", now)

    reverse(spent.id, "undo", now)

    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [10, 10]
    assert Account.objects.get(card=points).lifetime_out == 0
    assert broken(now) == []


def test_points_given_back_to_an_expired_lot_get_thirty_days_grace(
    short_lived: Card, now: datetime
) -> None:
    accrue(short_lived, 10, "a", now)
    spent = redeem(short_lived, 10, "spend", now)
    late = now + timedelta(days=40)

    reverse(spent.id, "undo", late)

    lot = Lot.objects.get(remaining=10)
    assert lot.expires_at == late + timedelta(days=30)
    assert held(short_lived) == {"points": 10}
    assert broken(late) == []


@pytest.mark.parametrize("kind", ["reverse", "expire", "refund", "issue"])
def test_what_follows_from_something_else_is_not_reversed(
    short_lived: Card, now: datetime, kind: str
) -> None:
    first = accrue(short_lived, 10, "a", now)
    late = now + timedelta(days=40)
    match kind:
        case "reverse":
            reverse(first.id, "undo", now)
        case "expire":
            ledger.settle_due(1, now=late)
        case "refund":
            ledger.post(posting(short_lived, Kind.REFUND, -3, "refund"), now=now)
    operation = Operation.objects.filter(card=short_lived, kind=kind).latest("pk")
    before = rows()

    with pytest.raises(IllegalOperation):
        reverse(operation.pk, "no", late)

    assert Operation.objects.count() == before[0]
