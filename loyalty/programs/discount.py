from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.figures import Figure
from loyalty.models.mechanics import ONCE, Mechanics
from loyalty.models.program import Program
from loyalty.models.rate import WHOLE, reached, said
from loyalty.postings import Change, Held, Kind, Posting

if TYPE_CHECKING:
    from loyalty.models import Card


class DiscountProgram(Program):
    """A discount that grows with what was spent; the card holds that sum and nothing to spend.

    A purchase gets the rate that was reached before it, and counts in full: what staff type is what
    it costs before the discount.
    """

    type = "discount"
    label = gettext_lazy("Discount card")
    about = gettext_lazy("A discount that grows with what a customer spends.")
    units = {"spent": gettext_lazy("spent")}
    money_units = ("spent",)
    earns = "spent"
    spends = "spent"
    # Redeeming is a correction: it takes away what was counted by mistake.
    legal = {Kind.ACCRUE: ("spent",), Kind.REDEEM: ("spent",), Kind.REFUND: ("spent",)}
    mechanics_offered = (Mechanics.SPEND,)
    redeems_by_amount = False
    is_spent = False
    settings = ("currency", "issue_on_order")
    has_rates = True

    class Meta:
        verbose_name = gettext_lazy("discount card")
        verbose_name_plural = gettext_lazy("discount cards")

    def rate(self, held: Mapping[str, Held], percent: int) -> tuple[int, int]:
        return 1, 1

    def bill(self, purchase_cents: int, held: Mapping[str, Held], percent: int) -> dict[str, Any]:
        found = reached(self.steps, held["spent"].balance)
        share = min(WHOLE, (found.hundredths if found else 0) * percent // ONCE)
        saved = purchase_cents * share // WHOLE
        return {
            "bill": {
                "percent": said(Decimal(share) / 100),
                "saved_cents": saved,
                "to_pay_cents": purchase_cents - saved,
            }
        }

    def can(self, held: Mapping[str, Held], card: "Card") -> tuple[str, ...]:
        return ("accrue",)

    def entries(self, posting: Posting, held: Mapping[str, Held], card: "Card") -> list[Change]:
        match posting.kind:
            case Kind.ISSUE:
                return []
            case Kind.REDEEM:
                return [Change("spent", -posting.amount, Kind.REDEEM)]
        return [Change("spent", posting.amount, posting.kind)] if posting.amount else []

    def figures(self, held: Mapping[str, Held], card: "Card") -> list[Figure]:
        spent = held["spent"].balance
        found = reached(self.steps, spent)
        return [
            Figure("rate", _("Your discount"), f"{said(found.percent) if found else '0'} %"),
            Figure("spent", _("Spent so far"), spent, self.currency),
        ]

    def marks(self) -> list[tuple[str, int, str]]:
        return [("spent", each.from_cents, "rate") for each in self.steps if each.from_cents]
