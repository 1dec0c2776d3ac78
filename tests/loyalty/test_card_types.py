"""What each type of card does with each operation: a line for every one, legal or not."""

from datetime import datetime

import pytest

from loyalty import cards, ledger
from loyalty.errors import AmountRequired, IllegalOperation, LoyaltyError
from loyalty.ledger import Kind
from loyalty.models import Card, Customer, Program
from tests.cast import BY_STAFF, balances
from tests.loyalty import programs
from tests.loyalty.postings import accrue, posting, redeem, rows, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]

UNITS = ("stamps", "rewards", "points", "spent", "money", "uses", "visits")

# Type → what may be given and what may be taken; all else is refused as `illegal_operation`.
LEGAL = {
    "stamp": (("stamps", "rewards"), ("stamps", "rewards")),
    "reward": (("points",), ("points",)),
    "cashback": (("points",), ("points",)),
    "discount": (("spent",), ("spent",)),
    "gift": (("money",), ("money",)),
    "single_gift": (("money",), ("money",)),
    "coupon": ((), ("uses",)),
    "multipass": (("visits", "points"), ("visits", "points")),
    "membership": ((), ("visits",)),
    "open_membership": (("visits",), ()),
}
BEGINS = {"gift": 5_000, "single_gift": 5_000, "coupon": 1, "multipass": 10, "membership": 12}


def card_of(kind: str, customer: Customer, now: datetime) -> Card:
    opening = programs.OPENINGS.get(kind)
    program = programs.make(kind)
    return cards.issue(program, customer, cause=BY_STAFF, now=now, opening=opening)[0]


@pytest.mark.parametrize("kind", LEGAL)
def test_a_new_card_holds_what_its_type_begins_with(
    kind: str, dora: Customer, now: datetime
) -> None:
    card = card_of(kind, dora, now)

    first = card.program.spends
    expected = dict.fromkeys(card.program.units, 0)
    assert balances(card) == expected | ({first: BEGINS[kind]} if kind in BEGINS else {})


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", LEGAL)
def test_what_a_card_may_be_given(kind: str, unit: str, dora: Customer, now: datetime) -> None:
    card = card_of(kind, dora, now)

    if unit in LEGAL[kind][0]:
        posted = accrue(card, 3, "give", now, unit)
        assert said(posted) == [(unit, 3, 3 + (BEGINS.get(kind, 0) if unit != "points" else 0))]
    else:
        _is_illegal(card, Kind.ACCRUE, unit, now)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", LEGAL)
def test_what_may_be_taken_from_a_card(kind: str, unit: str, dora: Customer, now: datetime) -> None:
    card = card_of(kind, dora, now)
    if unit in LEGAL[kind][0]:
        accrue(card, 9, "give", now, unit)

    if unit in LEGAL[kind][1]:
        before = balances(card)[unit]
        first, *_more = said(redeem(card, 1, "take", now, unit))
        assert first == (unit, -1, before - 1)
    else:
        _is_illegal(card, Kind.REDEEM, unit, now)


@pytest.mark.parametrize("kind", LEGAL)
@pytest.mark.parametrize("what", [Kind.REFUND, Kind.RENEW, Kind.EXPIRE, Kind.CONVERT])
def test_what_only_orders_and_periods_do(
    kind: str, what: Kind, dora: Customer, now: datetime
) -> None:
    """Refunds take from cards that count purchases, periods are for memberships."""
    card = card_of(kind, dora, now)
    unit = card.program.earns or card.program.spends
    is_membership = "membership" in kind
    legal = {
        Kind.REFUND: kind in ("stamp", "reward", "cashback", "discount"),
        Kind.RENEW: is_membership,
        Kind.EXPIRE: is_membership,
        Kind.CONVERT: False,
    }

    if not legal[what]:
        _is_illegal(card, what, unit, now)
    elif what != Kind.EXPIRE or kind == "membership":
        assert ledger.post(posting(card, what, 2, "it", unit), now=now).lines


@pytest.mark.parametrize("kind", LEGAL)
def test_more_than_a_card_holds_is_not_taken(kind: str, dora: Customer, now: datetime) -> None:
    card = card_of(kind, dora, now)
    code = {"coupon": "illegal_operation", "open_membership": "illegal_operation"}
    before = rows()

    with pytest.raises(LoyaltyError) as refusal:
        redeem(card, 5_001, "too much", now)

    assert refusal.value.code == code.get(kind, "insufficient_balance")
    assert rows() == before


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [(kind, kind not in ("gift", "single_gift", "coupon", "multipass")) for kind in LEGAL],
)
def test_how_many_cards_of_a_program_a_customer_may_have(
    kind: str, is_one: bool, dora: Customer, now: datetime
) -> None:
    card = card_of(kind, dora, now)
    opening = programs.OPENINGS.get(kind)

    again, is_new = cards.issue(card.program, dora, cause=BY_STAFF, now=now, opening=opening)

    assert (again == card, is_new) == (is_one, not is_one)


def test_the_same_wish_makes_one_gift_card(dora: Customer, now: datetime) -> None:
    program = programs.make("gift")

    made = [
        cards.issue(program, dora, cause=BY_STAFF, now=now, opening=100, key="sale 1")
        for _twice in range(2)
    ]

    assert made[0][0] == made[1][0]
    assert [is_new for _card, is_new in made] == [True, False]
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "opening", "refusal"),
    [
        *((kind, 5, IllegalOperation) for kind in ("stamp", "reward", "coupon", "membership")),
        ("gift", None, AmountRequired),
    ],
)
def test_what_a_card_cannot_begin_with(
    kind: str, opening: int | None, refusal: type[LoyaltyError], dora: Customer, now: datetime
) -> None:
    program = programs.make(kind)

    with pytest.raises(refusal):
        cards.issue(program, dora, cause=BY_STAFF, now=now, opening=opening)
    assert not Card.objects.exists()


def test_every_type_has_its_lines() -> None:
    assert {program.type for program in Program.__subclasses__()} == {
        kind.removeprefix("single_").removeprefix("open_") for kind in LEGAL
    }


def _is_illegal(card: Card, what: Kind, unit: str, now: datetime) -> None:
    before = rows()
    with pytest.raises(IllegalOperation):
        ledger.post(posting(card, what, 1, "wish", unit), now=now)
    assert rows() == before
