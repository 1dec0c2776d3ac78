"""Two cards of the product and two of the model, moved side by side."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from django.db.models import Sum

from loyalty import holds, ledger, memberships, merging, orders, transfers
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.errors import LoyaltyError
from loyalty.ledger import Kind, Posted
from loyalty.models import Account, Card, Hold, Lot, Operation
from tests.cast import BY_STAFF
from tests.loyalty.claims import capture, void
from tests.loyalty.pocket import Claim, Deed, Pocket, Refused, Transfer, merge
from tests.loyalty.pockets import MembershipPocket, SpendingPocket
from tests.loyalty.postings import accrue, posting, redeem, reverse

M = TypeVar("M")
P = TypeVar("P")

Action = tuple[str, str, int, int]
AT_MOST = 10_000  # what is let go in one go
ALL_FOR_30_DAYS = 63


@dataclass
class Side:
    """One of the two cards, and what was done to it that may be undone."""

    card: Card
    model: Pocket
    done: list[tuple[int, list[Deed]]] = field(default_factory=list)
    held: list[tuple[Hold, Claim]] = field(default_factory=list)
    nets: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Play:
    kind: str
    sides: tuple[Side, Side]
    now: datetime
    handed: list[tuple[int, Transfer]] = field(default_factory=list)
    keys: int = 0

    def do(self, action: Action) -> None:
        what, unit, n, which = action
        getattr(self, f"_{what}")(self.sides[which], unit, n)
        self.compare(action)

    def compare(self, action: Action) -> None:
        ours = Account.objects.filter(card__in=[side.card.pk for side in self.sides])
        due = ours.filter(next_expiry__lte=self.now).values_list("card", flat=True)
        if due:
            with ledger.open(cards=list(due), now=self.now):
                pass
        lots = Lot.objects.filter(account__in=ours, remaining__gt=0).values_list("account")
        ends: dict[int, dict[datetime, int]] = {}
        for account, moment, left in lots.values_list("account", "expires_at", Sum("remaining")):
            ends.setdefault(account, {})[moment] = left
        for side in self.sides:
            rows = [row for row in ours if row.card_id == side.card.pk]
            found = {row.unit: (row.balance, row.debt, ends.get(row.pk, {})) for row in rows}
            assert found == side.model.holds(), action
            assert {row.unit: row.lapses_at for row in rows} == side.model.lapses_at(), action

    # --- both do it -------------------------------------------------------------------------

    def _accrue(self, side: Side, unit: str, n: int) -> None:
        if both := self._both(
            lambda: side.model.accrue(unit, n),
            lambda: accrue(side.card, n, self._key(), self.now, unit),
        ):
            side.done.append((both[1].id, both[0]))

    def _redeem(self, side: Side, unit: str, n: int) -> None:
        n = self._few(n)
        if both := self._both(
            lambda: side.model.redeem(unit, n),
            lambda: redeem(side.card, n, self._key(), self.now, unit),
        ):
            side.done.append((both[1].id, both[0]))

    def _reverse(self, side: Side, _unit: str, n: int) -> None:
        if side.done:
            operation, deeds = side.done.pop(n % len(side.done))
            side.model.reverse(deeds)
            reverse(operation, self._key(), self.now)

    def _order(self, side: Side, _unit: str, cents: int) -> None:
        self._record(side, self._key(), cents, 0)

    def _refund(self, side: Side, _unit: str, cents: int) -> None:
        if side.nets:
            key = list(side.nets)[cents % len(side.nets)]
            total, refunded = side.nets[key]
            self._record(side, key, total, min(total, refunded + cents))

    def _record(self, side: Side, key: str, total: int, refunded: int) -> None:
        if not isinstance(side.model, SpendingPocket):
            return
        side.nets[key] = total, refunded
        side.model.order(key, total - refunded)
        data = orders.OrderData(
            key=key, platform="api", customer=Who(id=side.card.customer_id), status="paid",
            currency="USD", total_cents=total, refunded_cents=refunded,
        )  # fmt: skip
        orders.record(data, cause=Cause("order"), now=self.now)

    def _renew(self, side: Side, _unit: str, _n: int) -> None:
        if isinstance(side.model, MembershipPocket):
            side.model.renew()
            wish = posting(side.card, Kind.RENEW, 0, self._key())
            with ledger.open(cards=[side.card.pk], now=self.now) as book:
                memberships.begin(book, wish)

    def _days(self, _side: Side, _unit: str, days: int) -> None:
        self.now += timedelta(days=days)
        for side in self.sides:
            side.model.pass_time(days)

    def _weeks(self, side: Side, unit: str, weeks: int) -> None:
        self._days(side, unit, 7 * weeks)

    # --- what is held -----------------------------------------------------------------------

    def _hold(self, side: Side, unit: str, n: int) -> None:
        """Half of them all that there is; up to 32 days from now."""
        amount, life = self._few(1 + n // 2), timedelta(days=n % 33)
        if unit in side.model.units and n % 2:
            amount = side.model.balances()[unit] or amount
        if both := self._both(
            lambda: side.model.hold(unit, amount, life),
            lambda: self._place(side.card, unit, amount, life),
        ):
            side.held.append((both[1], both[0]))

    def _place(self, card: Card, unit: str, amount: int, life: timedelta) -> Hold:
        wish = posting(card, Kind.REDEEM, amount, self._key(), unit)
        with ledger.open(cards=[card.pk], now=self.now) as book:
            return holds.place(book, wish, until=self.now + life)[1]

    def _capture(self, side: Side, _unit: str, n: int) -> None:
        if side.held:
            hold, claim = side.held[-1 - n % len(side.held)]
            if self._both(
                lambda: side.model.capture(claim),
                lambda: capture(hold, self.now, self._key()),
            ):
                side.done.append((hold.operation_id, claim.deeds))

    def _void(self, side: Side, _unit: str, n: int) -> None:
        if side.held:
            hold, claim = side.held[-1 - n % len(side.held)]
            self._both(lambda: side.model.void(claim), lambda: void(hold, self.now, self._key()))

    def _let_go(self, _side: Side, _unit: str, _n: int) -> None:
        """What was not fetched in time; twice, for the clock may come again."""
        for side in self.sides:
            side.model.void_overdue()
        for _twice in range(2):
            holds.void_overdue(AT_MOST, now=self.now)

    def _linger(self, side: Side, unit: str, n: int) -> None:
        """All is held for as long as may be, and comes back; the half of them once more, and the
        half of those by the other card, to which some of it went."""
        for again in range(1 + n % 2):
            if again and n % 4 == 1:
                self._transfer(side, unit, n)
                side = self.sides[side is self.sides[0]]
            self._hold(side, unit, ALL_FOR_30_DAYS)
            self._days(side, unit, 30)
            self._let_go(side, unit, n)

    # --- what goes to the other -------------------------------------------------------------

    def _transfer(self, side: Side, unit: str, n: int) -> None:
        """Mostly no more than there is."""
        other, held = self.sides[side is self.sides[0]], side.model.balances().get(unit, 0)
        n = min(n, held) if held and n % 4 else n
        if both := self._both(
            lambda: Transfer(side.model, other.model, unit, n),
            lambda: self._hand_on(side.card, other.card, unit, n),
        ):
            self.handed.append((both[1].id, both[0]))

    def _hand_on(self, giver: Card, taker: Card, unit: str, n: int) -> Posted:
        wish = posting(giver, Kind.TRANSFER, n, self._key(), unit)
        with ledger.open(cards=[giver.pk, taker.pk], now=self.now) as book:
            return transfers.transfer(book, wish, taker.pk)[0]

    def _take_back(self, _side: Side, _unit: str, n: int) -> None:
        if self.handed:
            given, transfer = handed = self.handed[n % len(self.handed)]
            if self._both(lambda: transfer.undo(), lambda: self._hand_back(given)):
                self.handed.remove(handed)

    def _hand_back(self, given: int) -> Posted:
        operation = Operation.objects.get(pk=given)
        wish = posting(operation.card, Kind.REVERSE, 0, self._key())
        with ledger.open(cards=[side.card.pk for side in self.sides], now=self.now) as book:
            return transfers.undo(book, operation, wish)

    def _merge(self, side: Side, _unit: str, _n: int) -> None:
        """Both are one person's; for the end, for one of the cards may be closed then."""
        kept = self.sides[side is self.sides[0]]
        merge(side.model, kept.model)
        one, other = (each.card.customer for each in (side, kept))
        merging.merge(one, other, cause=BY_STAFF, now=self.now)

    # --- how --------------------------------------------------------------------------------

    def _both(self, model: Callable[[], M], product: Callable[[], P]) -> tuple[M, P] | None:
        """What each says of it; where the model refuses, the product must with the same code."""
        try:
            said = model()
        except Refused as refused:
            self._refuses(str(refused), product)
            return None
        return said, product()

    def _refuses(self, code: str, product: Callable[[], object]) -> None:
        with pytest.raises(LoyaltyError) as refusal:
            product()
        assert refusal.value.code == code

    def _few(self, n: int) -> int:
        return n if self.kind != "coupon" else 1 + n // 9  # mostly what a coupon allows

    def _key(self) -> str:
        self.keys += 1
        return f"{self.sides[0].card.pk} {self.keys}"
