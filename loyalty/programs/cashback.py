from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.figures import Figure
from loyalty.models.mechanics import LIMITS, ONCE, Mechanics
from loyalty.models.program import Program
from loyalty.models.rate import WHOLE, reached, said
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class CashbackProgram(Program):
    """A share of every purchase comes back as points, which pay the next one.

    A point is a minor unit of the program's currency. The share rises with what was spent before
    the purchase; the result is rounded down. What a customer pays in points is no purchase: staff
    type what is left to pay.
    """

    type = "cashback"
    label = gettext_lazy("Cashback card")
    about = gettext_lazy("A share of each purchase comes back as credit for the next one.")
    units = {"points": gettext_lazy("points"), "spent": gettext_lazy("spent")}
    money_units = ("points", "spent")
    earns = "points"
    spends = "points"
    legal = {
        Kind.ACCRUE: ("points",),
        Kind.REDEEM: ("points",),
        Kind.TRANSFER: ("points",),
        Kind.REFUND: ("points",),
    }
    mechanics_offered = (Mechanics.SPEND,)
    settings = (
        "currency",
        "lot_life_days",
        "lot_life_restarts",
        "issue_on_order",
        *LIMITS,
        "allows_transfer",
    )
    counts_spent = True
    has_rates = True

    class Meta:
        verbose_name = gettext_lazy("cashback card")
        verbose_name_plural = gettext_lazy("cashback cards")

    def rate(self, held: Mapping[str, Held], percent: int) -> tuple[int, int]:
        found = reached(self.steps, held["spent"].balance)
        return (found.hundredths if found else 0) * percent, WHOLE * ONCE  # at most 10⁷ of 10⁶

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        match posting.kind:
            case Kind.ISSUE:
                return []
            case Kind.REDEEM:
                return [Change("points", -posting.amount, Kind.REDEEM)]
        changes = [
            Change("spent", posting.spent_cents, posting.kind),
            Change("points", posting.amount, posting.kind),
        ]
        return [change for change in changes if change.amount]

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        found = reached(self.steps, held["spent"].balance)
        return [
            Figure("points", _("To spend"), held["points"].balance, self.currency),
            Figure("rate", _("Cashback"), f"{said(found.percent) if found else '0'} %"),
        ]

    def marks(self) -> list[tuple[str, int, str]]:
        return [("spent", each.from_cents, "rate") for each in self.steps if each.from_cents]
