from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs, value_steps
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around
from loyalty.errors import LoyaltyError
from loyalty.models import Program

if TYPE_CHECKING:
    from automations.place import Place


class Redeem(Step):
    """Take from a card what it is spent in: rewards of a stamp card, points of a reward card."""

    type = "redeem"
    label = gettext_lazy("Redeem")
    help = gettext_lazy("Skips, with a note, where the card does not hold enough.")
    group = "card"
    icon = "redeem"
    tone = "value"
    fields = ("program", "amount")
    takes = {
        "amount": inputs.whole(1, required=True),
        "program": value_steps.PROGRAM,
        "to": inputs.TO,
    }

    amount = models.PositiveIntegerField(
        gettext_lazy("amount"), validators=[MinValueValidator(1), MaxValueValidator(inputs.MOST)]
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=gettext_lazy("program"),
    )

    class Meta:
        verbose_name = gettext_lazy("redemption")
        verbose_name_plural = gettext_lazy("redemptions")

    def summary(self) -> str:
        return value_steps.summary(self.amount, getattr(self.program, "spends", ""), self.program)

    def parameters(self) -> dict[str, Any]:
        return {"amount": self.amount} | value_steps.portable_program(self.program)

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        return value_steps.columns(super().parse(data, path), path)

    def problems(self, around: Around) -> list[str | Promise]:
        return value_steps.problems(self.program_id, around)

    def run(self, place: "Place") -> Outcome:
        card = place.card_of(self.program_id)
        if card is None:
            return Skip(value_steps.no_card(self.program_id))
        unit = card.program.spends
        try:
            posted = place.redeem(card, unit, self.amount)
        except LoyaltyError as refused:
            return Skip(refused.message)
        taken = _("%(amount)d %(unit)s from card %(card)s") % {
            "amount": self.amount,
            "unit": value_steps.word(unit),
            "card": card.number,
        }
        return Done(note=taken, result={"operation": posted.id})
