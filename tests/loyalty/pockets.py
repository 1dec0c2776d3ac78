"""The rules of the eight types, a second time; `pocket` is what they share."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.loyalty.pocket import FOR_EVER, GRACE, LIFE, Deed, Lot, Pocket, Refused


class StampPocket(Pocket):
    units = ("stamps", "rewards")
    mortal: tuple[str, ...] = ("stamps",)
    accrues = redeems = transfers = units
    row = 10

    def _accrue(self, unit: str, amount: int) -> Iterator[Deed]:
        if unit == "rewards":
            yield self._give(unit, amount)
            return
        purse = self.purses["stamps"]
        while (room := self.row - purse.balance + purse.debt) <= amount:
            yield self._give("stamps", room)
            yield self._take("stamps", self.row)
            yield self._give("rewards", 1)
            amount -= room
        if amount:
            yield self._give("stamps", amount)

    def receive(self, giver: Pocket, out: Deed) -> Iterator[Deed]:
        yield from super().receive(giver, out)
        if rows := self.purses["stamps"].balance // self.row:
            yield self._take("stamps", rows * self.row)
            yield self._give("rewards", rows)


class LapsingStampPocket(StampPocket):
    """All stamps are over when none was given for LIFE."""

    mortal = ()

    def begin(self) -> None:
        self.lapses = FOR_EVER
        self.lives_by_grace = False

    def lapses_at(self) -> dict[str, datetime]:
        return {"stamps": self.lapses, "rewards": FOR_EVER}

    def pass_time(self, days: int) -> None:
        super().pass_time(days)
        if self.lapses <= self.now:
            for lot in self.purses["stamps"].lots:
                lot.left = 0
            self.lapses, self.lives_by_grace = FOR_EVER, False

    def receive(self, giver: Pocket, out: Deed) -> Iterator[Deed]:
        if out.unit == "stamps":
            is_empty = self.lapses == FOR_EVER
            self.lives_by_grace = out.is_grace and (is_empty or self.lives_by_grace)
            ends = giver.lapses_at()["stamps"]
            self.lapses = ends if is_empty else max(ends, self.lapses)
        yield from super().receive(giver, out)

    def _undo(self, deed: Deed, *, is_over: bool = False) -> None:
        if deed.unit == "stamps" and deed.amount < 0 and self.lapses == FOR_EVER:
            is_over = deed.is_grace
            if not is_over:
                self.lapses, self.lives_by_grace = self.now + GRACE, True
        super()._undo(deed, is_over=is_over)

    def _give(self, unit: str, amount: int) -> Deed:
        if unit == "stamps":
            self.lapses, self.lives_by_grace = self.now + LIFE, False
        return super()._give(unit, amount)

    def _take(self, unit: str, amount: int, *, is_redemption: bool = False) -> Deed:
        deed = super()._take(unit, amount, is_redemption=is_redemption)
        deed.is_grace = unit == "stamps" and self.lives_by_grace
        return deed


class SpendingPocket(Pocket):
    """Purchases: what an order of so much net gives is said anew, the difference is posted."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.orders: dict[str, tuple[int, dict[str, int], dict[str, list[Lot]]]] = {}

    def gains(self, cents: int, rate: int) -> dict[str, int]:
        raise NotImplementedError

    def rate(self) -> int:
        return 1

    def order(self, key: str, net: int) -> None:
        rate, had, lots = self.orders.get(key, (self.rate(), dict.fromkeys(self.units, 0), {}))
        for unit, amount in self.gains(net, rate).items():
            if amount > had[unit]:
                lots.setdefault(unit, []).append(self._give(unit, amount - had[unit]).lot)  # type: ignore[arg-type]
            elif amount < had[unit]:
                self.purses[unit].take(had[unit] - amount, lots.get(unit, []))
            had[unit] = amount
        self.orders[key] = rate, had, lots


class RewardPocket(SpendingPocket):
    units = mortal = accrues = redeems = transfers = ("points",)

    def gains(self, cents: int, rate: int) -> dict[str, int]:
        return {"points": cents // 100}


class CashbackPocket(SpendingPocket):
    units = ("points", "spent")
    mortal = accrues = redeems = transfers = ("points",)

    def rate(self) -> int:
        spent = self.purses["spent"].balance
        return 10 if spent >= 50_000 else 5 if spent >= 10_000 else 2

    def gains(self, cents: int, rate: int) -> dict[str, int]:
        return {"spent": cents, "points": cents * rate // 100}


class DiscountPocket(SpendingPocket):
    units = accrues = redeems = ("spent",)

    def gains(self, cents: int, rate: int) -> dict[str, int]:
        return {"spent": cents}


class GiftPocket(Pocket):
    units = accrues = redeems = transfers = ("money",)
    is_one_of_many = True

    def begin(self) -> None:
        self._give("money", 5_000)


class SingleGiftPocket(GiftPocket):
    def accrue(self, unit: str, amount: int) -> list[Deed]:
        if unit in self.accrues and self.purses["money"].ever_out:
            raise Refused("illegal_operation")
        return super().accrue(unit, amount)

    def require_transfer(self, unit: str) -> None:
        super().require_transfer(unit)
        if self.purses["money"].ever_out:
            raise Refused("illegal_operation")

    def _require(self, unit: str, amount: int) -> None:
        if self.purses[unit].ever_out:
            raise Refused("already_redeemed")
        super()._require(unit, amount)

    def _redeem(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._take(unit, amount, is_redemption=True)
        if rest := self.purses[unit].balance:
            yield self._take(unit, rest)


class CouponPocket(Pocket):
    units = redeems = ("uses",)
    is_one_of_many = True

    def begin(self) -> None:
        self._give("uses", 1)

    def _require(self, unit: str, amount: int) -> None:
        if amount != 1:
            raise Refused("illegal_operation")
        if not self.purses[unit].balance:
            raise Refused("already_redeemed")


class MultipassPocket(Pocket):
    units, mortal = ("visits", "points"), ("visits",)
    accrues = redeems = transfers = units
    bonus = 3
    is_one_of_many = True

    def begin(self) -> None:
        self._give("visits", 10)

    def _redeem(self, unit: str, amount: int) -> Iterator[Deed]:
        yield self._take(unit, amount, is_redemption=True)
        if unit == "visits":
            yield self._give("points", amount * self.bonus)


class MembershipPocket(Pocket):
    """Twelve visits for each week that is paid."""

    units: tuple[str, ...] = ("visits",)
    redeems: tuple[str, ...] = ("visits",)
    allowance = 12

    def begin(self) -> None:
        self.ends = self.now + timedelta(days=7)
        self.done_at: dict[int, datetime] = {}
        self.kept: list[list[Deed]] = []  # so that no two lists have the same number
        self._period()

    def renew(self) -> None:
        begins = self.ends
        if begins + timedelta(days=7) <= self.now:
            begins = self.now
        self.ends = begins + timedelta(days=7)
        self._period()

    def redeem(self, unit: str, amount: int) -> list[Deed]:
        self._require_valid()
        return self._dated(super().redeem(unit, amount))

    def accrue(self, unit: str, amount: int) -> list[Deed]:
        self._require_valid()
        return self._dated(super().accrue(unit, amount))

    def require_transfer(self, unit: str) -> None:
        self._require_valid()
        super().require_transfer(unit)

    def _dated(self, deeds: list[Deed]) -> list[Deed]:
        self.done_at[id(deeds)] = self.now
        self.kept.append(deeds)
        return deeds

    def reverse(self, deeds: list[Deed]) -> None:
        """What was done in another period is over, whatever becomes of it."""
        began = self.ends
        while began > self.now:
            began -= timedelta(days=7)
        if self.done_at[id(deeds)] >= began:
            super().reverse(deeds)

    def is_expired(self) -> bool:
        return self.now >= self.ends

    def _require_valid(self) -> None:
        if self.is_expired():
            raise Refused("card_expired")

    def _period(self) -> None:
        self.purses["visits"].give(self.allowance, self.ends)


class OpenMembershipPocket(MembershipPocket):
    """A plan without a limit: visits are counted."""

    accrues = ("visits",)
    redeems = ()

    def _period(self) -> None:
        pass

    def _give(self, unit: str, amount: int) -> Deed:
        return Deed(unit, amount, self.purses[unit].give(amount, self.ends))
