from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import branches, inputs
from automations.models.step import Step
from automations.outcomes import Done, Fork, Outcome

if TYPE_CHECKING:
    from automations.place import Place

COLUMN = branches.Names(gettext_lazy("branches"), default=list)


class Parallel(Step):
    """All branches are walked at the same time; the chain goes on when all of them have ended.

    An exit in a branch ends that branch alone.
    """

    type = "parallel"
    label = gettext_lazy("Parallel")
    help = gettext_lazy("Walks all branches at once, and goes on when all have ended.")
    group = "flow"
    icon = "parallel"
    tone = "fork"
    fields = ("lanes",)
    is_fork = True
    is_parallel = True
    names_its_branches = True
    takes = {
        "branches": inputs.Input(
            lambda value: value,
            {
                "type": "object",
                "additionalProperties": {"type": "array"},
                "minProperties": COLUMN.fewest,
                "maxProperties": COLUMN.most,
                "description": "Its keys name the branches.",
            },
            required=True,
        ),
        "labels": branches.labels_input(),
    }

    lanes = COLUMN

    class Meta:
        verbose_name = gettext_lazy("parallel walk")
        verbose_name_plural = gettext_lazy("parallel walks")

    @classmethod
    def branches_of(cls, values: Mapping[str, Any]) -> Mapping[str, str | Promise]:
        return branches.labels_of(values["lanes"])

    def summary(self) -> str:
        return branches.some([*self.branches.values()])

    def parameters(self) -> dict[str, Any]:
        return branches.portable_labels(self.lanes)

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = inputs.read(cls.takes, data, path)
        names, labels = values["branches"], values.get("labels", {})
        branches.refuse_strangers(labels, names, f"{path}.labels")
        rows = [{"branch": name, "label": labels.get(name)} for name in names]
        paths = {
            "": f"{path}.branches",
            "branch": f"{path}.branches",
            "label": f"{path}.labels",
        }
        return {"lanes": COLUMN.fit(rows, branches.keyed(names, paths))}

    def run(self, place: "Place") -> Outcome:
        return Fork(tuple(self.branches), note=self.summary())

    def wake(self, place: "Place") -> Outcome:
        return Done(note=_("All branches have ended."))
