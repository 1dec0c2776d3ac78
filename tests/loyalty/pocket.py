"""All eight cards once more, in the plainest way: what a card must hold, whatever is done to it.

Knows nothing of rows, locks or books. A card is a purse for each unit, a purse is a list of lots
and a debt, and every rule is written down a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

LIFE = timedelta(days=20)
GRACE = timedelta(days=30)
LONGEST_HOLD = timedelta(days=30)
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


class Refused(Exception):
    """With the code that the product must refuse with."""


@dataclass(eq=False)
class Lot:
    left: int
    ends: datetime
    is_grace: bool = False
    number: int = field(default_factory=count().__next__)


@dataclass
class Purse:
    lots: list[Lot] = field(default_factory=list)
    debt: int = 0
    ever_out: int = 0

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    def tick(self, now: datetime) -> None:
        self.lots = [lot for lot in self.lots if lot.left and lot.ends > now]

    def ends(self) -> dict[datetime, int]:
        """How much of it is over when."""
        moments = {lot.ends for lot in self.lots if lot.left}
        return {each: sum(lot.left for lot in self.lots if lot.ends == each) for each in moments}

    def give(self, amount: int, ends: datetime, *, is_grace: bool = False) -> Lot:
        paid = min(self.debt, amount)
        self.debt -= paid
        self.lots.append(Lot(amount - paid, ends, is_grace))
        return self.lots[-1]

    def take(self, amount: int, first: list[Lot]) -> list[tuple[Lot, int]]:
        """Soonest-ending first, then oldest; what is missing becomes debt."""
        taken = []
        rest = [lot for lot in self.lots if lot not in first]
        rest.sort(key=lambda lot: (lot.ends, lot.number))
        for lot in [*(lot for lot in first if lot in self.lots), *rest]:
            part = min(lot.left, amount)
            lot.left, amount = lot.left - part, amount - part
            taken.append((lot, part))
        self.debt += amount
        return taken

    def give_back(self, parts: list[tuple[Lot, int]], now: datetime, *, is_over: bool) -> None:
        """What was by grace and ended comes too late; so does all of it where that `is_over`."""
        late = 0
        for lot, part in parts:
            paid = min(self.debt, part)
            self.debt -= paid
            if is_over or (lot.ends <= now and lot.is_grace):
                continue
            if lot.ends <= now:
                late += part - paid
                continue
            lot.left += part - paid
            if lot not in self.lots:
                self.lots.append(lot)
        if late:
            self.lots.append(Lot(late, now + GRACE, is_grace=True))


@dataclass(eq=False)
class Deed:
    """One entry: what it gave (with the lot) or took (from which lots)."""

    unit: str
    amount: int
    lot: Lot | None = None
    parts: list[tuple[Lot, int]] = field(default_factory=list)
    is_redemption: bool = False
    is_grace: bool = False  # all that it took from had come back after it was over


@dataclass(eq=False)
class Claim:
    deeds: list[Deed]
    until: datetime
    state: str = "open"


class Pocket:
    """`accrue` and `redeem` give the operation's deeds, for `reverse`. A subclass is a type."""

    units: tuple[str, ...] = ()
    mortal: tuple[str, ...] = ()  # units whose lots live for LIFE
    accrues: tuple[str, ...] = ()
    redeems: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()
    is_one_of_many = False  # whether one customer may have several

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.purses = {unit: Purse() for unit in self.units}
        self.claims: list[Claim] = []
        self.begin()

    def begin(self) -> None:
        """What it is issued with."""

    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)
        for purse in self.purses.values():
            purse.tick(self.now)

    def holds(self) -> dict[str, tuple[int, int, dict[datetime, int]]]:
        return {unit: (each.balance, each.debt, each.ends()) for unit, each in self.purses.items()}

    def balances(self) -> dict[str, int]:
        return {unit: purse.balance for unit, purse in self.purses.items()}

    def lapses_at(self) -> dict[str, datetime]:
        """When all of a unit is over at once."""
        return dict.fromkeys(self.units, FOR_EVER)

    def accrue(self, unit: str, amount: int) -> list[Deed]:
        if unit not in self.accrues:
            raise Refused("illegal_operation")
        return list(self._accrue(unit, amount))

    def redeem(self, unit: str, amount: int) -> list[Deed]:
        if unit not in self.redeems:
            raise Refused("illegal_operation")
        self._require(unit, amount)
        return list(self._redeem(unit, amount))

    def reverse(self, deeds: list[Deed]) -> None:
        for deed in reversed(deeds):
            self._undo(deed)

    # --- what is held -----------------------------------------------------------------------

    def hold(self, unit: str, amount: int, life: timedelta) -> Claim:
        if not timedelta(0) < life <= LONGEST_HOLD:
            raise Refused("invalid")
        self.claims.append(Claim(self.redeem(unit, amount), self.now + life))
        return self.claims[-1]

    def capture(self, claim: Claim) -> None:
        self._require_open(claim)
        if claim.until <= self.now:
            raise Refused("claim_over")
        claim.state = "captured"

    def void(self, claim: Claim) -> None:
        self._require_open(claim)
        claim.state = "voided"
        self.reverse(claim.deeds)

    def void_overdue(self) -> None:
        for claim in sorted(self.claims, key=lambda claim: claim.until):
            if claim.state == "open" and claim.until <= self.now:
                self.void(claim)

    def _require_open(self, claim: Claim) -> None:
        if claim.state != "open":
            raise Refused("already_redeemed" if claim.state == "captured" else "already_reversed")

    # --- what goes to another ---------------------------------------------------------------

    def require_transfer(self, unit: str) -> None:
        if unit not in self.transfers:
            raise Refused("illegal_operation")

    def is_expired(self) -> bool:
        return False

    def hand_out(self, unit: str, amount: int) -> Deed:
        if self.purses[unit].balance < amount:
            raise Refused("insufficient_balance")
        return self._take(unit, amount)

    def receive(self, giver: "Pocket", out: Deed) -> Iterator[Deed]:
        """What ends together stays together, soonest first."""
        parts = [(lot, part) for lot, part in out.parts if part]
        for ends in sorted({lot.ends for lot, _part in parts}):
            amount = sum(part for lot, part in parts if lot.ends == ends)
            is_grace = any(lot.is_grace for lot, _part in parts if lot.ends == ends)
            lot = self.purses[out.unit].give(amount, ends, is_grace=is_grace)
            yield Deed(out.unit, amount, lot)

    # --- for the types ----------------------------------------------------------------------

    def _accrue(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._give(unit, amount)

    def _redeem(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._take(unit, amount, is_redemption=True)

    def _require(self, unit: str, amount: int) -> None:
        if self.purses[unit].balance - self.purses[unit].debt < amount:
            raise Refused("insufficient_balance")

    def _undo(self, deed: Deed, *, is_over: bool = False) -> None:
        purse = self.purses[deed.unit]
        if deed.amount >= 0:
            purse.take(deed.amount, [deed.lot] if deed.lot else [])
            return
        purse.give_back(deed.parts, self.now, is_over=is_over)
        if deed.is_redemption:
            purse.ever_out = max(0, purse.ever_out + deed.amount)

    def _give(self, unit: str, amount: int) -> Deed:
        ends = self.now + LIFE if unit in self.mortal else FOR_EVER
        return Deed(unit, amount, self.purses[unit].give(amount, ends))

    def _take(self, unit: str, amount: int, *, is_redemption: bool = False) -> Deed:
        purse = self.purses[unit]
        purse.ever_out += amount if is_redemption else 0
        return Deed(unit, -amount, None, purse.take(amount, []), is_redemption)


class Transfer:
    """From one pocket to another of its type, and back."""

    def __init__(self, giver: Pocket, taker: Pocket, unit: str, amount: int) -> None:
        for each in (giver, taker):
            each.require_transfer(unit)
        self.giver, self.taker, before = giver, taker, taker.balances()
        self.out = giver.hand_out(unit, amount)
        self.received = list(taker.receive(giver, self.out))
        self.gained = {unit: held - before[unit] for unit, held in taker.balances().items()}

    def undo(self) -> None:
        now = self.taker.balances()
        if any(now[unit] < gained for unit, gained in self.gained.items()):
            raise Refused("insufficient_balance")
        self.taker.reverse(self.received)
        self.giver.reverse([self.out])


def merge(gone: Pocket, kept: Pocket) -> None:
    """Both are one person's from now on; what is on a card that is over stays there."""
    if gone.is_one_of_many:
        return
    if kept.is_expired() and not gone.is_expired():
        gone, kept = kept, gone
    for claim in gone.claims:
        if claim.state == "open":
            gone.void(claim)
    if gone.is_expired() and not kept.is_expired():
        return
    for unit, amount in gone.balances().items():
        if amount:
            list(kept.receive(gone, gone.hand_out(unit, amount)))
        kept.purses[unit].take(gone.purses[unit].debt, [])
        gone.purses[unit].debt = 0
