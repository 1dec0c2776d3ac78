"""The ledger against a tiny model of its own: whatever is done, both hold the same.

The model knows nothing of rows, locks or books: a card is a list of lots and a debt, and every rule
is written down a second time, in the plainest way.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import ledger
from loyalty.errors import InsufficientBalance
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Operation, Program
from tests.loyalty.postings import accrue, redeem, reverse

pytestmark = pytest.mark.django_db

LIFE = timedelta(days=20)  # no change of clocks lies within reach of the tests' March morning
GRACE = timedelta(days=30)
ROW = 10

Part = tuple["Lot", int]


@dataclass(eq=False)
class Lot:
    left: int
    ends: datetime
    is_grace: bool = False


@dataclass
class Points:
    """One card that counts points."""

    lots: list[Lot] = field(default_factory=list)
    debt: int = 0

    def tick(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.ends <= now:
                lot.left = 0

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    def give(self, amount: int, ends: datetime) -> Lot:
        paid = min(self.debt, amount)
        self.debt -= paid
        self.lots.append(Lot(amount - paid, ends))
        return self.lots[-1]

    def take(self, amount: int, first: Lot | None = None) -> list[Part]:
        order = sorted(self.lots, key=lambda lot: (lot is not first, lot.ends))
        taken: list[Part] = []
        for lot in order:
            part = min(lot.left, amount)
            lot.left, amount = lot.left - part, amount - part
            taken.append((lot, part))
        self.debt += amount
        return taken

    def give_back(self, parts: list[Part], now: datetime) -> None:
        late = 0
        for lot, part in parts:
            paid = min(self.debt, part)
            self.debt -= paid
            if lot.ends > now:
                lot.left += part - paid
            elif not lot.is_grace:  # what was by grace is over for good
                late += part - paid
        if late:
            self.lots.append(Lot(late, now + GRACE, is_grace=True))


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("accrue"), st.integers(1, 60)),
        st.tuples(st.just("redeem"), st.integers(1, 60)),
        st.tuples(st.just("reverse"), st.integers(0, 30)),
        st.tuples(st.just("days"), st.integers(1, 15)),
    ),
    min_size=1,
    max_size=25,
)
THOROUGH = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def empty(card: Card) -> Card:
    """The same card, as if nothing had been done to it: each example starts with one of its own."""
    copy = Card.objects.get(pk=card.pk)
    copy.pk, copy.serial, copy.code, copy.number = (
        None,
        *(f"{n}{Card.objects.count()}" for n in "scn"),
    )
    copy.status = "active"
    Card.objects.filter(program=card.program, customer=card.customer).update(status="deleted")
    copy.save(force_insert=True)
    ledger.open_accounts(copy)
    return copy


@THOROUGH
@given(actions=ACTIONS)
def test_points_do_what_the_model_does(
    aurora_card: Card, now: datetime, actions: list[tuple[str, int]]
) -> None:
    Program.objects.filter(pk=aurora_card.program_id).update(lot_life_days=LIFE.days)
    card, model = empty(aurora_card), Points()
    moment = now
    done: list[tuple[int, Any]] = []

    for step, (action, n) in enumerate(actions):
        key = f"{card.pk} {step}"
        model.tick(moment)
        match action:
            case "days":
                moment += timedelta(days=n)
                model.tick(moment)
            case "accrue":
                gave = model.give(n, moment + LIFE)
                done.append((accrue(card, n, key, moment).id, ("gave", gave, n)))
            case "redeem" if model.balance - model.debt >= n:
                done.append((redeem(card, n, key, moment).id, ("took", model.take(n), n)))
            case "redeem":
                with pytest.raises(InsufficientBalance):
                    redeem(card, n, key, moment)
            case "reverse" if done:
                operation, (what, lots, amount) = done.pop(n % len(done))
                reverse(operation, key, moment)
                if what == "gave":
                    model.take(amount, first=lots)
                else:
                    model.give_back(lots, moment)

    with ledger.open(cards=[card.pk], now=moment) as book:
        held = book.held(card.pk)["points"]
    assert (held.balance, held.debt) == (model.balance, model.debt)
    assert broken(moment) == []


@THOROUGH
@given(given_stamps=st.lists(st.integers(1, 35), min_size=1, max_size=12))
def test_stamps_fill_rows_whatever_the_portions(
    coffee_card: Card, now: datetime, given_stamps: list[int]
) -> None:
    card = empty(coffee_card)

    for step, n in enumerate(given_stamps):
        accrue(card, n, f"{card.pk} {step}", now)

    held = dict(Account.objects.filter(card=card).values_list("unit", "balance"))
    rewards, stamps = divmod(sum(given_stamps), ROW)
    assert held == {"stamps": stamps, "rewards": rewards}
    assert Operation.objects.filter(card=card).count() == len(given_stamps)
    assert broken(now) == []
