from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.figures import Figure, next_reward
from loyalty.models.mechanics import EARNING, LIMITS
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class RewardProgram(Program):
    """Points that are collected and spent on the program's rewards, each at its fixed price."""

    type = "reward"
    label = gettext_lazy("Reward card")
    about = gettext_lazy("Points for each purchase or visit, which pay the rewards you offer.")
    units = {"points": gettext_lazy("points")}
    earns = "points"
    spends = "points"
    legal = {
        Kind.ACCRUE: ("points",),
        Kind.REDEEM: ("points",),
        Kind.TRANSFER: ("points",),
        Kind.REFUND: ("points",),
    }
    offers_rewards = True
    is_for_kiosks = True
    redeems_by_amount = False
    settings = (
        *EARNING,
        "currency",
        "lot_life_days",
        "lot_life_restarts",
        "issue_on_order",
        *LIMITS,
        "allows_transfer",
    )

    class Meta:
        verbose_name = gettext_lazy("reward card")
        verbose_name_plural = gettext_lazy("reward cards")

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        match posting.kind:
            case Kind.ISSUE:
                return []
            case Kind.REDEEM:
                taken = Change("points", -posting.amount, Kind.REDEEM)
                return [taken] if posting.amount else []  # a welcome costs nothing
        return [Change("points", posting.amount, posting.kind)]

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        points = held["points"].balance
        shown = Figure("points", _("Points"), points)
        return [shown, *next_reward(self.offers, points)]

    def marks(self) -> list[tuple[str, int, str]]:
        return [("points", each.price, "reward") for each in self.offers if each.is_active]
