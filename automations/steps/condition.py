from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations import filters, inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome
from automations.problems import Around
from loyalty import conditions
from loyalty.conditions import InvalidCondition, Node
from loyalty.fields import EVERYTHING

if TYPE_CHECKING:
    from automations.place import Place


class Condition(Step):
    """The chain forks: customers for whom it holds go one way, the others the other."""

    type = "condition"
    label = _("Condition")
    help = _("Each branch goes on after the condition, unless it ends with an exit.")
    group = "flow"
    icon = "condition"
    tone = "fork"
    fields = ("filter",)
    is_fork = True
    fixed_branches = {"yes": _("If yes"), "no": _("If no")}
    takes = {"filter": filters.INPUT}

    filter = models.JSONField(_("condition"))

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    @cached_property
    def node(self) -> Node:
        """The tree, read once for each time the step is loaded."""
        return conditions.parse(self.filter)

    def clean(self) -> None:
        try:
            filters.check(self.filter)
        except InvalidCondition as invalid:
            where = f"{invalid.path}: " if invalid.path else ""
            raise ValidationError({"filter": f"{where}{invalid.message}"}) from None

    def summary(self) -> str:
        return filters.sentence(self.filter)

    def parameters(self) -> dict[str, Any]:
        return {"filter": self.filter}

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = inputs.read(cls.takes, data, path)
        filters.read(values["filter"], EVERYTHING, f"{path}.filter")
        return values

    def problems(self, around: Around) -> list[str | Promise]:
        return filters.problems(self.filter, around.fields)

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        yes, no = (
            Done(note=str(label), branch=branch) for branch, label in self.fixed_branches.items()
        )
        return [yes if conditions.holds(self.node, place.facts) else no for place in places]
