from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.errors import IllegalOperation
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting


class RewardProgram(Program):
    """Points that are collected and spent on the program's rewards, each at its fixed price."""

    type = "reward"
    label = gettext_lazy("Reward card")
    units = {"points": gettext_lazy("points")}
    earns = "points"
    spends = "points"
    offers_rewards = True

    class Meta:
        verbose_name = gettext_lazy("reward card")
        verbose_name_plural = gettext_lazy("reward cards")

    def entries(self, posting: Posting, held: Mapping[str, Held]) -> list[Change]:
        match posting.kind, posting.unit:
            case Kind.ISSUE, _unit:
                return []
            case Kind.ACCRUE, "points":
                return [Change("points", posting.amount, Kind.ACCRUE)]
            case Kind.REDEEM, "points":
                return [Change("points", -posting.amount, Kind.REDEEM)]
            case Kind.REFUND, "points":
                return [Change("points", posting.amount, Kind.REFUND)]
        raise IllegalOperation(_("A reward card counts points."))

    def marks(self) -> list[tuple[str, int, str]]:
        return [
            ("points", reward.price, "reward") for reward in self.rewards.filter(is_active=True)
        ]
