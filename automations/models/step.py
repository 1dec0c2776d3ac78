from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from polymorphic.models import PolymorphicModel

from automations import inputs
from automations.models.automation import Version
from automations.outcomes import DONE, Done, Outcome
from automations.problems import Around
from loyalty.fields import FieldSet

if TYPE_CHECKING:
    from automations.place import Place
    from loyalty.models import Event


class StepKey(models.SlugField):
    """The key of another step of the same thread."""


class Step(PolymorphicModel):
    """One step of a chain; the types stand in `automations/steps`, one file each.

    A step stands in a lane: of its `version`, under the fork `parent` (none at the root), in that
    fork's `branch` (at the root: the thread's key), at `position`. A lane that ends goes on after
    its fork. `key` names the step across versions.

    Positions carry no unique constraint because SQLite cannot defer one: whoever moves a step
    locks the automation and numbers the lane anew (`automations.drafts`).
    """

    # Set by each type. `type` is its name on the outside, `fields` its typed columns in the order
    # of the form (those that are `seldom` needed last, folded away), `takes` its part of the
    # portable form, `is_fork` whether it owns lanes and `fixed_branches` which (where they are
    # always the same), `icon` and `tone` how the editor draws it. `names_its_branches`: a fork
    # whose branches are those of its portable document; `parse` is then given their names as
    # `branches`. `is_parallel`: all its branches are walked, each by a journey of its own, which
    # ends with its lane. `gives_coupon`: later steps may say `coupon.code`. `channel`: of a type
    # that says something. `gives`: what a customer claims may be for what it gives.
    type: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    help: ClassVar[str | Promise] = ""
    group: ClassVar[str] = "flow"
    fields: ClassVar[tuple[str, ...]] = ()
    seldom: ClassVar[tuple[str, ...]] = ()
    seldom_label: ClassVar[str | Promise] = ""
    takes: ClassVar[inputs.Inputs] = {}
    is_fork: ClassVar[bool] = False
    fixed_branches: ClassVar[Mapping[str, str | Promise]] = {}
    names_its_branches: ClassVar[bool] = False
    is_parallel: ClassVar[bool] = False
    icon: ClassVar[str] = "step"
    tone: ClassVar[str] = "neutral"
    ends_lane: ClassVar[bool] = False
    writes_customer: ClassVar[bool] = False
    gives_coupon: ClassVar[bool] = False
    channel: ClassVar[str] = ""
    gives: ClassVar[bool] = False

    version = models.ForeignKey(Version, models.CASCADE, related_name="steps")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    branch = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    key = models.SlugField(_("key"), max_length=40)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="step_keys_differ")]
        indexes = [models.Index(fields=["version", "parent", "branch", "position"], name="lane")]

    def __str__(self) -> str:
        return f"{self.label} ({self.key})"

    # --- what a type says of itself -------------------------------------------------------

    @classmethod
    def branches_of(cls, values: Mapping[str, Any]) -> Mapping[str, str | Promise]:
        """The lanes a fork with these column values owns, by name, in order, with their labels."""
        return cls.fixed_branches

    @classmethod
    def fields_for(cls, values: Mapping[str, Any], fields: FieldSet) -> FieldSet:
        """What its own condition may ask with these column values, where it stands `fields`."""
        return fields

    @property
    def branches(self) -> Mapping[str, str | Promise]:
        """The lanes it owns; none unless it is a fork."""
        if not self.is_fork:
            return {}
        return self.branches_of({name: getattr(self, name) for name in self.fields})

    def branch_help(self, branch: str) -> str:
        """The line under that branch's label in the editor: who goes there."""
        return ""

    @property
    def whom(self) -> str:
        """Whom it is for (`addressed.To`); the customer unless a type says otherwise."""
        return "customer"

    @property
    def texts(self) -> tuple[str, str]:
        """The headline and the body of what it says, if it says anything."""
        return "", ""

    @property
    def awaited(self) -> str:
        """The name of an event that may end its wait."""
        return ""

    @property
    def jumps_to(self) -> str:
        """The key of a step at which it may send them on."""
        return ""

    def summary(self) -> str:
        """The line under the label in the editor: "24 hours", "points ≥ 500"."""
        return ""

    def parameters(self) -> dict[str, Any]:
        """Its part of the portable form, without `type`, `key` and `branches`."""
        raise NotImplementedError

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Portable parameters → column values; raises `problems.Invalid` naming path and reason."""
        return inputs.read(cls.takes, data, path)

    def problems(self, around: Around) -> list[str | Promise]:
        """What must be mended before it may be published, in words for the shop owner."""
        return []

    def freeze(self) -> None:
        """Called once for each step when its version is published, before it is locked."""

    # --- what it does ---------------------------------------------------------------------

    def load(self) -> None:
        """Called once for each process before it runs: fetch now what `run` must not."""

    def run(self, place: "Place") -> Outcome:
        """Do it for the journey at `place`, from facts alone: no query of its own, no I/O."""
        raise NotImplementedError

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        """The same for many journeys of different customers at once, one outcome for each place.

        A type may do together what costs less together; if it raises, the batch is undone and
        walked again with `run`, one by one, so that the culprit is found."""
        return [self.run(place) for place in places]

    def wake(self, place: "Place") -> Outcome:
        """What it waited for has ended (its due moment has come; the branches of a `Fork` have
        ended); go on unless a type says otherwise."""
        return DONE

    def wake_many(self, places: "Sequence[Place]") -> list[Outcome]:
        """The same for many journeys of different customers at once, as `run_many`."""
        return [self.wake(place) for place in places]

    def happened(self, place: "Place", event: "Event") -> Done | None:
        """An event that its `Wait` awaits has come. None: not this one, wait on."""
        return None
