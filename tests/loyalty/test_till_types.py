"""What nothing said means at the till, and who may say what, for each type of card."""

from datetime import datetime

import pytest

from loyalty import counter
from loyalty.errors import (
    Forbidden,
    LoyaltyError,
)
from tests.loyalty.till import OFFICE, NewCard, accrue, redeem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("coupon", {"uses": 0}),
        ("multipass", {"visits": 9, "points": 3}),
        ("membership", {"visits": 11}),
    ],
)
def test_nothing_said_redeems_one(
    kind: str, left: dict[str, int], new_card: NewCard, now: datetime
) -> None:
    card = new_card(kind)

    assert redeem(card, now)["card"]["balances"] == left


@pytest.mark.parametrize("kind", ["reward", "cashback", "gift", "discount"])
def test_elsewhere_the_amount_must_be_said(kind: str, new_card: NewCard, now: datetime) -> None:
    with pytest.raises(LoyaltyError) as refusal:
        redeem(new_card(kind), now)
    assert refusal.value.code == "amount_required"


@pytest.mark.parametrize(
    ("kind", "unit", "is_free"),
    [
        ("cashback", "points", True),
        ("gift", "money", True),
        ("multipass", "visits", True),
        ("reward", "points", False),
        ("discount", "spent", False),
    ],
)
def test_where_staff_may_type_what_they_redeem(
    kind: str, unit: str, is_free: bool, new_card: NewCard, now: datetime
) -> None:
    card = new_card(kind)
    accrue(card, now, OFFICE, amount=5, unit=unit)

    if is_free:
        redeem(card, now, amount=2)
    else:
        with pytest.raises(Forbidden):
            redeem(card, now, amount=2)
        redeem(card, now, OFFICE, amount=2)


@pytest.mark.parametrize(
    ("kind", "can"),
    [
        ("stamp", ["accrue", "redeem"]),
        ("reward", ["accrue", "redeem"]),
        ("cashback", ["accrue", "redeem"]),
        ("discount", ["accrue"]),
        ("gift", ["accrue", "redeem"]),
        ("coupon", ["redeem"]),
        ("multipass", ["accrue", "redeem"]),
        ("membership", ["redeem"]),
        ("open_membership", ["accrue"]),
    ],
)
def test_a_card_says_what_can_be_done(
    kind: str, can: list[str], new_card: NewCard, now: datetime
) -> None:
    assert counter.show(new_card(kind), now)["can"] == can
