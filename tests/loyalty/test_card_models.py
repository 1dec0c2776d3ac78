"""Every type of card against a model of its own: whatever is done, both hold the same.

`MODEL_OPERATIONS=10000 make test ARGS="-k test_card_models -n 2"` does so many on each type.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty import cards, ledger, memberships, orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.errors import LoyaltyError
from loyalty.ledger.audit import broken
from loyalty.models import Account, Business, Card, Customer, Program
from tests.cast import BY_STAFF, person
from tests.loyalty import pockets, programs
from tests.loyalty.pocket import Deed, Pocket, Refused
from tests.loyalty.pockets import SpendingPocket
from tests.loyalty.postings import accrue, posting, redeem, reverse

pytestmark = pytest.mark.django_db

AT_ONCE = 40  # operations in a row, on one card
OPERATIONS = int(os.environ.get("MODEL_OPERATIONS", "400"))
POCKETS: dict[str, type[Pocket]] = {
    "stamp": pockets.StampPocket,
    "lapsing_stamp": pockets.LapsingStampPocket,
    "reward": pockets.RewardPocket,
    "cashback": pockets.CashbackPocket,
    "discount": pockets.DiscountPocket,
    "gift": pockets.GiftPocket,
    "single_gift": pockets.SingleGiftPocket,
    "coupon": pockets.CouponPocket,
    "multipass": pockets.MultipassPocket,
    "membership": pockets.MembershipPocket,
    "open_membership": pockets.OpenMembershipPocket,
}
UNITS = sorted({unit for each in POCKETS.values() for unit in each.units})

ACTION = st.one_of(
    st.tuples(st.just("accrue"), st.sampled_from(UNITS), st.integers(1, 40)),
    st.tuples(st.just("redeem"), st.sampled_from(UNITS), st.integers(1, 12)),
    st.tuples(st.just("reverse"), st.just(""), st.integers(0, 30)),
    st.tuples(st.just("order"), st.just(""), st.integers(1, 30_000)),
    st.tuples(st.just("refund"), st.just(""), st.integers(0, 10_000)),
    st.tuples(st.just("renew"), st.just(""), st.just(0)),
    st.tuples(st.just("days"), st.just(""), st.integers(1, 9)),
)
Action = tuple[str, str, int]


@dataclass
class Play:
    """The product's card and the model's, moved side by side."""

    kind: str
    card: Card
    model: Pocket
    now: datetime
    done: list[tuple[int, list[Deed]]] = field(default_factory=list)
    nets: dict[str, tuple[int, int]] = field(default_factory=dict)
    step: int = 0

    def do(self, action: Action) -> None:
        """One of them; a unit that the card does not have is replaced by one it has, mostly."""
        self.step += 1
        what, unit, n = action
        if what in ("accrue", "redeem") and unit not in self.model.units and n % 8:
            unit = self.model.units[n % len(self.model.units)]
        getattr(self, f"_{what}")(unit, n)
        self.compare(action)

    def compare(self, action: Action) -> None:
        found = Account.objects.filter(card=self.card).values_list("unit", "balance", "debt")
        held = {unit: (balance, debt) for unit, balance, debt in found}
        due = Account.objects.filter(card=self.card, next_expiry__lte=self.now).exists()
        if due:
            with ledger.open(cards=[self.card.pk], now=self.now) as book:
                held = {u: (h.balance, h.debt) for u, h in book.held(self.card.pk).items()}
        assert held == self.model.holds(), action

    # --- both do it -------------------------------------------------------------------------

    def _accrue(self, unit: str, n: int) -> None:
        try:
            deeds = self.model.accrue(unit, n)
        except Refused as refused:
            self._refuses(str(refused), lambda: accrue(self.card, n, self._key(), self.now, unit))
        else:
            self.done.append((accrue(self.card, n, self._key(), self.now, unit).id, deeds))

    def _redeem(self, unit: str, n: int) -> None:
        n = n if self.kind != "coupon" else 1 + n // 9  # mostly what a coupon allows
        try:
            deeds = self.model.redeem(unit, n)
        except Refused as refused:
            self._refuses(str(refused), lambda: redeem(self.card, n, self._key(), self.now, unit))
        else:
            self.done.append((redeem(self.card, n, self._key(), self.now, unit).id, deeds))

    def _reverse(self, _unit: str, n: int) -> None:
        if self.done:
            operation, deeds = self.done.pop(n % len(self.done))
            self.model.reverse(deeds)
            reverse(operation, self._key(), self.now)

    def _order(self, _unit: str, cents: int) -> None:
        if isinstance(self.model, SpendingPocket):
            self._record(f"{self.card.pk}:{self.step}", cents, 0)

    def _refund(self, _unit: str, cents: int) -> None:
        if self.nets and isinstance(self.model, SpendingPocket):
            key = list(self.nets)[cents % len(self.nets)]
            total, refunded = self.nets[key]
            self._record(key, total, min(total, refunded + cents))

    def _record(self, key: str, total: int, refunded: int) -> None:
        self.nets[key] = total, refunded
        assert isinstance(self.model, SpendingPocket)
        self.model.order(key, total - refunded)
        data = orders.OrderData(
            key=key, platform="api", customer=Who(id=self.card.customer_id), status="paid",
            currency="USD", total_cents=total, refunded_cents=refunded,
        )  # fmt: skip
        orders.record(data, cause=Cause("order"), now=self.now)

    def _renew(self, _unit: str, _n: int) -> None:
        if isinstance(self.model, pockets.MembershipPocket):
            self.model.renew()
            wish = posting(self.card, ledger.Kind.RENEW, 0, self._key())
            with ledger.open(cards=[self.card.pk], now=self.now) as book:
                memberships.begin(book, wish)

    def _days(self, _unit: str, days: int) -> None:
        self.now += timedelta(days=days)
        self.model.pass_time(days)

    def _refuses(self, code: str, wish: object) -> None:
        with pytest.raises(LoyaltyError) as refusal:
            wish()  # type: ignore[operator]
        assert refusal.value.code == code

    def _key(self) -> str:
        return f"{self.card.pk} {self.step}"


@pytest.mark.parametrize("kind", programs.KINDS)
def test_a_card_holds_what_the_model_holds(kind: str, now: datetime) -> None:
    Business.objects.update_or_create(pk=1, defaults={"name": "Aurora", "time_zone": "UTC"})
    program = programs.make(kind)
    number = iter(range(10**6))

    @settings(
        max_examples=max(1, OPERATIONS // AT_ONCE),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(actions=st.lists(ACTION, min_size=AT_ONCE, max_size=AT_ONCE))
    def hold_the_same(actions: list[Action]) -> None:
        play = begin(kind, program, person(now, external_id=f"{kind}-{next(number)}"), now)
        for action in actions:
            play.do(action)

    hold_the_same()
    assert broken(now + timedelta(days=5_000)) == []


def begin(kind: str, program: Program, customer: Customer, now: datetime) -> Play:
    card, _made = cards.issue(
        program, customer, cause=BY_STAFF, now=now, opening=programs.OPENINGS.get(kind)
    )
    play = Play(kind, card, POCKETS[kind](now), now)
    play.compare(("issue", "", 0))
    return play
