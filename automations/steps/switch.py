from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import branches, filters, inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome
from automations.problems import Around
from loyalty import conditions
from loyalty.conditions import Node

if TYPE_CHECKING:
    from automations.place import Place

COLUMN = branches.Cases(gettext_lazy("cases"), default=list)
CASE = {
    "type": "object",
    "properties": {
        "branch": {"type": "string", "pattern": f"^{branches.NAME.pattern}$"},
        "label": {"type": "string", "maxLength": branches.LONGEST_LABEL},
        "filter": dict(filters.INPUT.schema),
    },
    "required": ["branch", "filter"],
    "additionalProperties": False,
}


class Switch(Step):
    """The chain forks many ways: the customer takes the first case that holds, else `else`."""

    type = "switch"
    label = gettext_lazy("Switch")
    help = gettext_lazy("Several cases; the first that holds is the way they go.")
    group = "flow"
    icon = "switch"
    tone = "fork"
    fields = ("cases",)
    is_fork = True
    takes = {
        "cases": inputs.Input(
            lambda value: value,
            {"type": "array", "items": CASE, "minItems": COLUMN.fewest, "maxItems": COLUMN.most},
            required=True,
        )
    }

    cases = COLUMN

    class Meta:
        verbose_name = gettext_lazy("switch")
        verbose_name_plural = gettext_lazy("switches")

    @classmethod
    def branches_of(cls, values: Mapping[str, Any]) -> Mapping[str, str | Promise]:
        return branches.labels_of(values["cases"]) | {"else": _("Otherwise")}

    def branch_help(self, branch: str) -> str:
        cases = (case["filter"] for case in self.cases if case["branch"] == branch)
        return next((filters.sentence(tree) for tree in cases), "")

    @cached_property
    def nodes(self) -> list[tuple[str, Node]]:
        """The conditions in their order, read once for each time the step is loaded."""
        return [(case["branch"], conditions.parse(case["filter"])) for case in self.cases]

    def summary(self) -> str:
        return branches.some([*branches.labels_of(self.cases).values()])

    def parameters(self) -> dict[str, Any]:
        return {"cases": self.cases}

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        cases = inputs.read(cls.takes, data, path)["cases"]
        return {"cases": COLUMN.fit(cases, branches.listed(f"{path}.cases"))}

    def problems(self, around: Around) -> list[str | Promise]:
        labels = branches.labels_of(self.cases)
        return [
            f"{labels[case['branch']]}: {problem}"
            for case in self.cases
            for problem in filters.problems(case["filter"], around.fields)
        ]

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        ways = {name: Done(str(label), name) for name, label in self.branches.items()}
        return [ways[self._branch(place)] for place in places]

    def _branch(self, place: "Place") -> str:
        held = (name for name, node in self.nodes if conditions.holds(node, place.facts))
        return next(held, "else")
