"""All eight cards once more, in the plainest way: what a card must hold, whatever is done to it.

Knows nothing of rows, locks or books. A card is a purse for each unit, a purse is a list of lots
and a debt, and every rule is written down a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LIFE = timedelta(days=20)
GRACE = timedelta(days=30)
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    """With the code that the product must refuse with."""


@dataclass(eq=False)
class Lot:
    left: int
    ends: datetime


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

    def give(self, amount: int, ends: datetime) -> Lot:
        paid = min(self.debt, amount)
        self.debt -= paid
        self.lots.append(Lot(amount - paid, ends))
        return self.lots[-1]

    def take(self, amount: int, first: list[Lot]) -> list[tuple[Lot, int]]:
        """Soonest-ending first, then oldest; what is missing becomes debt."""
        taken = []
        rest = sorted((lot for lot in self.lots if lot not in first), key=lambda lot: lot.ends)
        for lot in [*(lot for lot in first if lot in self.lots), *rest]:
            part = min(lot.left, amount)
            lot.left, amount = lot.left - part, amount - part
            taken.append((lot, part))
        self.debt += amount
        return taken

    def give_back(self, parts: list[tuple[Lot, int]], now: datetime) -> None:
        late = 0
        for lot, part in parts:
            paid = min(self.debt, part)
            self.debt -= paid
            if lot.ends <= now:
                late += part - paid
                continue
            lot.left += part - paid
            if lot not in self.lots:
                self.lots.append(lot)
        if late:
            self.lots.append(Lot(late, now + GRACE))


@dataclass
class Deed:
    """One entry: what it gave (with the lot) or took (from which lots)."""

    unit: str
    amount: int
    lot: Lot | None = None
    parts: list[tuple[Lot, int]] = field(default_factory=list)
    is_redemption: bool = False


class Pocket:
    """`accrue` and `redeem` give the operation's deeds, for `reverse`. A subclass is a type."""

    units: tuple[str, ...] = ()
    mortal: tuple[str, ...] = ()  # units whose lots live for LIFE
    accrues: tuple[str, ...] = ()
    redeems: tuple[str, ...] = ()

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.purses = {unit: Purse() for unit in self.units}
        self.begin()

    def begin(self) -> None:
        """What it is issued with."""

    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)
        for purse in self.purses.values():
            purse.tick(self.now)

    def holds(self) -> dict[str, tuple[int, int]]:
        return {unit: (purse.balance, purse.debt) for unit, purse in self.purses.items()}

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
            purse = self.purses[deed.unit]
            if deed.amount >= 0:
                purse.take(deed.amount, [deed.lot] if deed.lot else [])
            else:
                purse.give_back(deed.parts, self.now)
                if deed.is_redemption:
                    purse.ever_out = max(0, purse.ever_out + deed.amount)

    # --- for the types ----------------------------------------------------------------------

    def _accrue(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._give(unit, amount)

    def _redeem(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._take(unit, amount, is_redemption=True)

    def _require(self, unit: str, amount: int) -> None:
        if self.purses[unit].balance - self.purses[unit].debt < amount:
            raise Refused("insufficient_balance")

    def _give(self, unit: str, amount: int) -> Deed:
        ends = self.now + LIFE if unit in self.mortal else FOR_EVER
        return Deed(unit, amount, self.purses[unit].give(amount, ends))

    def _take(self, unit: str, amount: int, *, is_redemption: bool = False) -> Deed:
        purse = self.purses[unit]
        purse.ever_out += amount if is_redemption else 0
        return Deed(unit, -amount, None, purse.take(amount, []), is_redemption)
