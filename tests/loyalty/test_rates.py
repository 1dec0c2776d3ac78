"""Cashback and discount cards: percentages that rise with what was spent."""

from datetime import datetime

import pytest

from loyalty import orders
from loyalty.causes import Cause
from tests.cast import balances
from tests.loyalty.till import NewCard, accrue, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


def test_cashback_rises_with_what_was_spent_before(new_card: NewCard, now: datetime) -> None:
    card = new_card("cashback")

    given = [accrue(card, now, purchase_cents=cents)["card"] for cents in (9_999, 1, 10_000, 99)]

    # 2 % of 99.99 and of 0.01; 5 % from the purchase after the one that reached 100.00.
    assert [each["balances"]["points"] for each in given] == [199, 199, 699, 703]
    assert given[-1]["balances"]["spent"] == 20_099
    assert given[-1]["rate"] == {
        "percent": "5",
        "next": {"percent": "10", "from_cents": 50_000},
    }


def test_a_rate_that_is_reached_is_said(new_card: NewCard, now: datetime) -> None:
    body = accrue(new_card("cashback"), now, purchase_cents=60_000)

    assert body["crossed"] == [
        {"unit": "spent", "at": 10_000, "mark": "rate"},
        {"unit": "spent", "at": 50_000, "mark": "rate"},
    ]


def test_a_purchase_too_small_for_cashback_still_counts_as_spent(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("cashback")

    assert accrue(card, now, purchase_cents=49)["card"]["balances"] == {"points": 0, "spent": 49}


def test_an_undone_purchase_takes_back_points_and_what_was_spent(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("cashback")
    accrue(card, now, purchase_cents=3_000)
    before = balances(card)

    undo(accrue(card, now, purchase_cents=7_000), now)

    assert balances(card) == before == {"points": 60, "spent": 3_000}


def test_a_refund_takes_back_its_share_at_the_rate_of_its_order(
    new_card: NewCard, now: datetime
) -> None:
    card = new_card("cashback")
    accrue(card, now, purchase_cents=20_000, order_key="first")
    accrue(card, now, purchase_cents=10_000, order_key="second")

    orders.refund("second", "r1", 4_000, cause=Cause("order"), now=now)
    orders.refund("first", "r2", 20_000, cause=Cause("order"), now=now)

    assert balances(card) == {"points": 6_000 * 5 // 100, "spent": 6_000}


def test_a_discount_is_what_was_reached_before(new_card: NewCard, now: datetime) -> None:
    card = new_card("discount")

    first = accrue(card, now, purchase_cents=60_000)
    second = accrue(card, now, purchase_cents=1_050)

    assert first["bill"] == {"percent": "2", "saved_cents": 1_200, "to_pay_cents": 58_800}
    assert second["bill"] == {"percent": "10", "saved_cents": 105, "to_pay_cents": 945}
    assert balances(card) == {"spent": 61_050}
