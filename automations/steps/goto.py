from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from automations import filters, inputs
from automations.models.step import Step, StepKey
from automations.outcomes import Jump, Outcome, Skip
from automations.problems import Around
from loyalty import conditions
from loyalty.conditions import InvalidCondition, Node
from loyalty.fields import EVERYTHING

if TYPE_CHECKING:
    from automations.place import Place

MOST = 100


class Goto(Step):
    """Go on at another step of the same thread, where a condition holds; so many times at most."""

    type = "goto"
    label = gettext_lazy("Go to")
    help = gettext_lazy("Jumps to another step: back, to try again, or ahead.")
    group = "flow"
    icon = "goto"
    tone = "fork"
    fields = ("target", "filter", "limit")
    takes = {
        "step": inputs.text(40, required=True),
        "filter": inputs.Input(filters.INPUT.clean, filters.INPUT.schema),
        "limit": inputs.whole(1, MOST, required=True),
    }

    target = StepKey(gettext_lazy("go to"), max_length=40)
    filter = models.JSONField(
        gettext_lazy("only if"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Leave it empty to jump every time."),
    )
    limit = models.PositiveSmallIntegerField(
        gettext_lazy("times at most"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MOST)],
        help_text=gettext_lazy("For each customer; after that they go on below."),
    )

    class Meta:
        verbose_name = gettext_lazy("jump")
        verbose_name_plural = gettext_lazy("jumps")

    @cached_property
    def node(self) -> Node | None:
        """The tree, read once for each time the step is loaded."""
        return conditions.parse(self.filter) if self.filter is not None else None

    @property
    def jumps_to(self) -> str:
        return self.target

    def clean(self) -> None:
        if self.filter is None:
            return
        try:
            filters.check(self.filter)
        except InvalidCondition as invalid:
            said = f"{filters.place('', invalid)}: {invalid.message}".removeprefix(": ")
            raise ValidationError({"filter": said.removeprefix(".")}) from None

    def summary(self) -> str:
        said = ngettext("At most once", "At most %(n)d times", self.limit) % {"n": self.limit}
        if self.filter is None:
            return said
        return _("%(times)s, only if %(filter)s") % {
            "times": said,
            "filter": filters.sentence(self.filter),
        }

    def parameters(self) -> dict[str, Any]:
        own: dict[str, Any] = {"step": self.target}
        own |= {"filter": self.filter} if self.filter is not None else {}
        return own | {"limit": self.limit}

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = inputs.read(cls.takes, data, path)
        if values.get("filter") is not None:
            filters.read(values["filter"], EVERYTHING, f"{path}.filter")
        return {
            "target": values["step"],
            "filter": values.get("filter"),
            "limit": values["limit"],
        }

    def problems(self, around: Around) -> list[str | Promise]:
        found = filters.problems(self.filter, around.fields) if self.filter is not None else []
        if self.target == self.key:
            return [_("It jumps to itself."), *found]
        if self.target not in around.grounds:
            return [_("The step it jumps to is gone."), *found]
        if around.grounds[self.target] != around.grounds.get(self.key):
            return [_("No step jumps into or out of a parallel branch."), *found]
        return found

    def run(self, place: "Place") -> Outcome:
        if self.node is not None and not conditions.holds(self.node, place.facts):
            return Skip(_("Goes on: the condition does not hold."))
        gone = place.returns(self.target)
        if gone >= self.limit:
            said = ngettext(
                "Goes on: it has jumped there once.",
                "Goes on: it has jumped there %(n)d times.",
                gone,
            )
            return Skip(said % {"n": gone})
        return Jump(
            self.target,
            note=_("Jump %(n)d of at most %(most)d") % {"n": gone + 1, "most": self.limit},
        )
