from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.events import Fact, RewardRedeemed
from loyalty.figures import Figure
from loyalty.models.mechanics import EARNING, LIMITS
from loyalty.models.operation import Entry
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card, Reward

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
    about = gettext_lazy("So many stamps make a reward: the tenth coffee is free.")
    units = {"stamps": gettext_lazy("stamps"), "rewards": gettext_lazy("rewards")}
    earns = "stamps"
    spends = "rewards"
    legal = {
        Kind.ACCRUE: ("stamps", "rewards"),
        Kind.REDEEM: ("rewards", "stamps"),
        Kind.REFUND: ("stamps",),
        Kind.TRANSFER: ("stamps", "rewards"),
    }
    redeems = 1
    is_for_kiosks = True
    first = 1
    keeps_remainder = True
    offers_rewards = True
    settings = (
        *EARNING,
        "currency",
        "lot_life_days",
        "lot_life_restarts",
        "issue_on_order",
        *LIMITS,
        "allows_transfer",
    )

    stamps_per_reward = models.PositiveIntegerField(
        gettext_lazy("stamps per reward"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = gettext_lazy("stamp card")
        verbose_name_plural = gettext_lazy("stamp cards")

    @property
    def row_length(self) -> int:
        return self.stamps_per_reward

    @property
    def handy(self) -> tuple[int, ...]:
        return (1, 2, 3, 4, 5)

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        match posting.kind, posting.unit:
            case Kind.ISSUE, _unit:
                return []
            case Kind.REDEEM, unit:
                taken = Change(unit, -posting.amount, Kind.REDEEM)
                return [taken] if posting.amount else []  # a milestone costs nothing
            case Kind.ACCRUE, "rewards":
                return [Change("rewards", posting.amount, Kind.ACCRUE)]
            case Kind.REFUND, _unit if posting.amount < 0:
                return [Change("stamps", posting.amount, Kind.REFUND)]
        return list(self._stamp(posting.amount, held["stamps"], held["rewards"]))

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        stamps = f"{held['stamps'].balance} / {self.stamps_per_reward}"
        return [
            Figure("stamps", _("Stamps"), stamps),
            Figure("rewards", _("Rewards"), held["rewards"].balance),
        ]

    def row(self, held: Mapping[str, Held]) -> tuple[int, int]:
        return held["stamps"].balance, self.stamps_per_reward

    def overflow(self, held: Mapping[str, Held]) -> list[Change]:
        rows = held["stamps"].balance // self.stamps_per_reward
        row = held["rewards"].lifetime_in + 1
        full = [
            Change("stamps", -rows * self.stamps_per_reward, Kind.CONVERT, row),
            Change("rewards", rows, Kind.CONVERT, row),
        ]
        return full if rows else []

    def taken(self, posting: Posting) -> list[Fact]:
        if posting.unit != "rewards":
            return []
        return [RewardRedeemed(self.name, posting.unit, posting.amount)]

    def marks(self) -> list[tuple[str, int, str]]:
        full = [("stamps", self.stamps_per_reward, "reward")]
        marks = [each.price for each in self.offers if each.is_active]
        below = [price for price in marks if price < self.stamps_per_reward]
        return [*(("stamps", price, "milestone") for price in below), *full]

    def price_of(self, reward: "Reward") -> tuple[str, int]:
        return "stamps", 0

    def has_reached(self, reward: "Reward", held: Mapping[str, Held]) -> bool:
        """A milestone is there while its stamps are."""
        return held["stamps"].balance >= reward.price

    def row_began(self, card: "Card") -> int:
        """With the operation that filled the row before, or let all its stamps expire."""
        is_end = Q(kind=Kind.CONVERT, operation__reversed_by=None) | Q(
            kind=Kind.EXPIRE, balance_after=0
        )
        ends = Entry.objects.filter(
            is_end, account__card=card, account__unit="stamps", amount__lt=0
        )
        return int(ends.aggregate(last=Max("operation"))["last"] or 0)

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
