from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import branches, inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Stop
from automations.problems import refuse
from loyalty import cleaning
from loyalty.cleaning import Unfit

if TYPE_CHECKING:
    from automations.place import Place

COLUMN = branches.Shares(gettext_lazy("shares"), default=list)
MOST_HELD_OUT = 90


def _by_branch(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(_("This must be an object."))
    return value


def _held_out(value: Any) -> int:
    return 0 if value is None else int(cleaning.integer(0, MOST_HELD_OUT)(value))


class Split(Step):
    """By chance, but the same person goes the same way every time and in every version: a hash of
    automation, step and subject decides.

    Of that hash one draw says who is held out, another who goes where. The ranges stand in the
    order of the branches' names, so few change their way when shares change.
    """

    type = "split"
    label = gettext_lazy("Split")
    help = gettext_lazy("By chance: try two ways, and see which does better.")
    group = "flow"
    icon = "split"
    tone = "fork"
    fields = ("shares", "holdout")
    is_fork = True
    takes = {
        "shares": inputs.Input(
            _by_branch,
            {
                "type": "object",
                "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 100},
                "minProperties": COLUMN.fewest,
                "maxProperties": COLUMN.most,
                "description": "Whole percentages that sum to 100, by branch.",
            },
            required=True,
        ),
        "labels": branches.labels_input(),
        "holdout": inputs.Input(
            _held_out, {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_HELD_OUT}
        ),
    }

    shares = COLUMN
    holdout = models.PositiveSmallIntegerField(
        gettext_lazy("held out, in percent"),
        default=0,
        validators=[MaxValueValidator(MOST_HELD_OUT)],
        help_text=gettext_lazy(
            "The control group: these leave here, and the shares divide the rest. 0: nobody."
        ),
    )

    class Meta:
        verbose_name = gettext_lazy("split")
        verbose_name_plural = gettext_lazy("splits")

    def clean(self) -> None:
        if problem := _too_few(self.shares, self.holdout):
            raise ValidationError({"shares": problem})

    @classmethod
    def branches_of(cls, values: Mapping[str, Any]) -> Mapping[str, str | Promise]:
        return branches.labels_of(values["shares"])

    def branch_help(self, branch: str) -> str:
        found = next((row["share"] for row in self.shares if row["branch"] == branch), 0)
        return _("%(share)d %%") % {"share": found}

    def summary(self) -> str:
        labels = branches.labels_of(self.shares)
        parts = [
            _("%(share)d %% %(branch)s") % {"share": row["share"], "branch": labels[row["branch"]]}
            for row in self.shares
        ]
        said = branches.some([*parts])
        if not self.holdout:
            return said
        return _("%(ways)s; %(n)d %% held out") % {"ways": said, "n": self.holdout}

    def parameters(self) -> dict[str, Any]:
        own: dict[str, Any] = {"shares": {row["branch"]: row["share"] for row in self.shares}}
        own |= branches.portable_labels(self.shares)
        return own | ({"holdout": self.holdout} if self.holdout else {})

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = inputs.read(cls.takes, data, path)
        shares, labels = values["shares"], values.get("labels", {})
        branches.refuse_strangers(labels, shares, f"{path}.labels")
        rows = [
            {"branch": name, "label": labels.get(name), "share": share}
            for name, share in shares.items()
        ]
        paths = {"": f"{path}.shares", "share": f"{path}.shares", "label": f"{path}.labels"}
        fit = COLUMN.fit(rows, branches.keyed(list(shares), paths))
        holdout = values.get("holdout", 0)
        if problem := _too_few(fit, holdout):
            raise refuse(f"{path}.shares", problem)
        return {"shares": fit, "holdout": holdout}

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        ways = {
            name: Done(str(label), name, {"branch": name}) for name, label in self.branches.items()
        }
        out = Stop(_("Held out as the control group."), True, {"branch": "holdout"})
        seed = sha256(f"{places[0].journey.automation_id}:{self.key}:".encode())
        outcomes: list[Outcome] = []
        for place in places:
            drawn = seed.copy()
            drawn.update(place.journey.subject.encode())
            held_out, spot = _percent(drawn.digest()[:8]), _percent(drawn.digest()[8:16])
            outcomes.append(out if held_out < self.holdout else ways[self.way_at(spot)])
        return outcomes

    def way_at(self, spot: int) -> str:
        """The branch of whoever drew that number (0–99)."""
        return next(branch for branch, upto in self._ranges if spot < upto)

    @cached_property
    def _ranges(self) -> list[tuple[str, int]]:
        rows = sorted(self.shares, key=lambda row: row["branch"])
        ends = accumulate(row["share"] for row in rows)
        return [(row["branch"], upto) for row, upto in zip(rows, ends, strict=True)]


def _percent(drawn: bytes) -> int:
    return int.from_bytes(drawn) % 100


def _too_few(rows: list[branches.Row], holdout: int) -> str:
    return "" if len(rows) > 1 or holdout else _("With one share alone somebody must be held out.")
