from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import addressed, inputs, value_steps
from automations.addressed import Addressed
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around
from loyalty.errors import LoyaltyError
from loyalty.models import Program

if TYPE_CHECKING:
    from automations.place import Place


class Accrue(Addressed, Step):
    """Give stamps, rewards or points on a card of the customer."""

    type = "accrue"
    label = gettext_lazy("Give")
    help = gettext_lazy("Without a program: the card the automation is about.")
    group = "card"
    icon = "accrue"
    tone = "value"
    fields = ("program", "unit", "amount", *addressed.COLUMNS)
    seldom = addressed.COLUMNS
    seldom_label = addressed.LABEL
    gives = True
    takes = {
        "unit": inputs.one_of(*value_steps.units(), required=True),
        "amount": inputs.whole(1, required=True),
        "program": value_steps.PROGRAM,
        "to": addressed.INPUT,
    }

    unit = models.CharField(gettext_lazy("unit"), max_length=12, choices=value_steps.unit_choices)
    amount = models.PositiveIntegerField(
        gettext_lazy("amount"), validators=[MinValueValidator(1), MaxValueValidator(inputs.MOST)]
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accruals",
        verbose_name=gettext_lazy("program"),
    )

    class Meta:
        verbose_name = gettext_lazy("accrual")
        verbose_name_plural = gettext_lazy("accruals")

    def clean(self) -> None:
        value_steps.clean_unit(self.program, self.unit)

    def summary(self) -> str:
        return self.said_for(value_steps.summary(self.amount, self.unit, self.program))

    def parameters(self) -> dict[str, Any]:
        own = {"unit": self.unit, "amount": self.amount}
        return own | value_steps.portable_program(self.program) | self.portable_to()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        return value_steps.columns(values, path)

    def problems(self, around: Around) -> list[str | Promise]:
        return value_steps.problems(self.program_id, around)

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        text, unit = _("%(amount)d %(unit)s on card %(card)s"), value_steps.word(self.unit)
        words = {"amount": self.amount, "unit": unit}
        return [self._run(place, text, words) for place in places]

    def _run(self, place: "Place", text: str, words: dict[str, Any]) -> Outcome:
        card = place.card_of(self.program_id)
        if card is None:
            return Skip(value_steps.no_card(self.program_id))
        try:
            posted = place.accrue(card, self.unit, self.amount)
        except LoyaltyError as refused:
            return Skip(refused.message)
        note = text % {**words, "card": card.number}
        return Done(note=note, result={"operation": posted.id})
