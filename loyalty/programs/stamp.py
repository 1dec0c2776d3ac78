from collections.abc import Iterator, Mapping

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.errors import IllegalOperation
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

# Rows that are filled one by one, each with its news; the API takes 10⁹ stamps.
ROWS_AT_ONCE = 100


class StampProgram(Program):
    """So many stamps make a reward; what is over starts the next row.

    A card holds `stamps` (of the row it is filling) and `rewards` (not yet taken). The stamps of a
    full row are converted at once, row by row, so one accrual may earn several rewards. What was
    spent and is not enough for a stamp stays on the card (`Card.remainder_cents`).
    """

    type = "stamp"
    label = gettext_lazy("Stamp card")
    units = {"stamps": gettext_lazy("stamps"), "rewards": gettext_lazy("rewards")}
    earns = "stamps"
    spends = "rewards"
    redeems = 1
    keeps_remainder = True

    stamps_per_reward = models.PositiveIntegerField(
        gettext_lazy("stamps per reward"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = gettext_lazy("stamp card")
        verbose_name_plural = gettext_lazy("stamp cards")

    def entries(self, posting: Posting, held: Mapping[str, Held]) -> list[Change]:
        match posting.kind, posting.unit:
            case Kind.ISSUE, _unit:
                return []
            case Kind.ACCRUE, "stamps":
                return list(self._stamp(posting.amount, held["stamps"], held["rewards"]))
            case Kind.ACCRUE, "rewards":
                return [Change("rewards", posting.amount, Kind.ACCRUE)]
            case Kind.REDEEM, "stamps" | "rewards":
                return [Change(posting.unit, -posting.amount, Kind.REDEEM)]
            case Kind.REFUND, "stamps" if posting.amount < 0:
                return [Change("stamps", posting.amount, Kind.REFUND)]
            case Kind.REFUND, "stamps":
                return list(self._stamp(posting.amount, held["stamps"], held["rewards"]))
        raise IllegalOperation(_("A stamp card counts stamps and rewards."))

    def marks(self) -> list[tuple[str, int, str]]:
        return [("stamps", self.stamps_per_reward, "reward")]

    def _stamp(self, amount: int, stamps: Held, rewards: Held) -> Iterator[Change]:
        """Row by row: fill it, take the full row away, give the reward.

        The first row also pays what the card owes in stamps, so it takes in that much more. What
        fills very many rows fills the last of them in one go: a number has no end, a posting must.
        """
        balance, owed, row = stamps.balance, stamps.debt, rewards.lifetime_in + 1
        last = row + ROWS_AT_ONCE
        while rows := max(0, balance - owed + amount) // self.stamps_per_reward:
            rows = 1 if row < last else rows
            full = rows * self.stamps_per_reward
            if room := max(0, full - balance) + owed:
                yield Change("stamps", room, Kind.ACCRUE, row)
            yield Change("stamps", -full, Kind.CONVERT, row)
            yield Change("rewards", rows, Kind.CONVERT, row)
            amount, balance, owed, row = amount - room, max(balance, full) - full, 0, row + rows
        if amount:
            yield Change("stamps", amount, Kind.ACCRUE, row)
