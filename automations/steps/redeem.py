from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import addressed, inputs, value_steps
from automations.addressed import Addressed
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around, refuse
from loyalty.errors import LoyaltyError
from loyalty.models import Program, Reward

if TYPE_CHECKING:
    from automations.place import Place


class Redeem(Addressed, Step):
    """Take from a card what it is spent in: rewards of a stamp card, points of a reward card."""

    type = "redeem"
    label = gettext_lazy("Redeem")
    help = gettext_lazy("Skips, with a note, where the card does not hold enough.")
    group = "card"
    icon = "redeem"
    tone = "value"
    fields = ("program", "reward", "amount", *addressed.COLUMNS)
    seldom = addressed.COLUMNS
    seldom_label = addressed.LABEL
    takes = {
        "amount": inputs.whole(1),
        "reward": inputs.text(120),
        "program": value_steps.PROGRAM,
        "to": addressed.INPUT,
    }

    amount = models.PositiveIntegerField(
        gettext_lazy("amount"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(inputs.MOST)],
        help_text=gettext_lazy("Not where a reward is chosen: that has its price."),
    )
    reward = models.ForeignKey(
        Reward,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions",
        verbose_name=gettext_lazy("reward"),
        help_text=gettext_lazy("One of the program's, at the price it has when it is taken."),
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

    def clean(self) -> None:
        if (self.amount is None) == (self.reward is None):
            raise ValidationError({"amount": _("Say an amount or choose a reward, one of them.")})
        if self.reward is not None and self.reward.program_id != self.program_id:
            raise ValidationError({"reward": _("Choose a reward of the chosen program.")})

    def summary(self) -> str:
        if self.reward is not None:
            return self.said_for(f"{self.reward}, {self.program}")
        unit = getattr(self.program, "spends", "")
        return self.said_for(value_steps.summary(self.amount or 0, unit, self.program))

    def parameters(self) -> dict[str, Any]:
        own = {"reward": self.reward.name} if self.reward else {"amount": self.amount}
        return own | value_steps.portable_program(self.program) | self.portable_to()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = value_steps.columns(super().parse(data, path), path)
        if ("amount" in values) == ("reward" in values):
            raise refuse(f"{path}.amount", _("Say an amount or a reward, one of them."))
        if name := values.pop("reward", ""):
            values["reward"] = _reward(values.get("program"), name, f"{path}.reward")
        return values

    def problems(self, around: Around) -> list[str | Promise]:
        found = value_steps.problems(self.program_id, around)
        if self.program is not None and not self.program.is_spent:
            found.append(_("There is nothing to redeem on cards of %s.") % self.program)
        return found

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        text = _("%(amount)d %(unit)s from card %(card)s")
        return [self._run(place, text) for place in places]

    def _run(self, place: "Place", text: str) -> Outcome:
        card = place.card_of(self.program_id)
        if card is None:
            return Skip(value_steps.no_card(self.program_id))
        reward = place.reward(self.reward_id)
        unit, amount = card.program.spends, self.amount
        if reward is not None:
            unit, amount = card.program.price_of(reward)
        if amount is None:
            return Skip(_("This reward is not offered any more."))
        try:
            posted = place.redeem(card, unit, amount, reward)
        except LoyaltyError as refused:
            return Skip(refused.message)
        words = {"amount": amount, "unit": value_steps.word(unit), "card": card.number}
        return Done(note=text % words, result={"operation": posted.id})


def _reward(program: Program | None, name: str, path: str) -> Reward:
    if program is None:
        raise refuse(path, _("Name the program whose reward it is."))
    reward = program.rewards.filter(name=name).first()
    if reward is None:
        raise refuse(path, _("The program has no reward “%(name)s”.") % {"name": name})
    return reward
