from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import durations, filters, happenings, inputs, lateness
from automations.columns import DurationColumn, EventNameColumn
from automations.lateness import Lateness, Then
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Wait
from automations.problems import Around
from loyalty import conditions, zones
from loyalty.conditions import InvalidCondition, Node
from loyalty.external import LONGEST_NAME
from loyalty.fields import EVERYTHING, FieldSet

if TYPE_CHECKING:
    from automations.place import Place
    from loyalty.models import Event

# When the time is over there is no next time: somebody who is too late can only go on or leave.
LATE = (Then.GO_ON, Then.EXIT)


class WaitForEvent(Step, Lateness):
    """Stay here until something happens to the customer, at most so long; the chain forks."""

    type = "wait_for_event"
    label = gettext_lazy("Wait for an event")
    help = gettext_lazy("The first one that fits, while the customer waits here.")
    group = "flow"
    icon = "wait_for_event"
    tone = "time"
    fields = ("event", "filter", "timeout", *lateness.COLUMNS)
    is_fork = True
    fixed_branches = {
        "happened": gettext_lazy("If it happens"),
        "timed_out": gettext_lazy("If time runs out"),
    }
    seldom = lateness.COLUMNS
    seldom_label = lateness.LABEL
    takes = {
        "event": inputs.text(LONGEST_NAME, required=True),
        "filter": filters.OPTIONAL,
        "timeout": durations.time_input(required=True),
        "late": lateness.late_input(*LATE),
    }

    event = EventNameColumn(gettext_lazy("event"))
    filter = models.JSONField(
        gettext_lazy("only if"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Leave it empty for any such event."),
    )
    timeout = DurationColumn(gettext_lazy("at most"))
    late_then = lateness.then_column(*LATE)

    class Meta:
        verbose_name = gettext_lazy("wait for an event")
        verbose_name_plural = gettext_lazy("waits for an event")

    @classmethod
    def fields_for(cls, values: Mapping[str, Any], fields: FieldSet) -> FieldSet:
        return happenings.fields_of(str(values.get("event") or ""), fields)

    @cached_property
    def node(self) -> Node | None:
        """The tree, read once for each time the step is loaded."""
        return None if self.filter is None else conditions.parse(self.filter)

    def clean(self) -> None:
        if self.filter is None:
            return
        try:
            filters.check(self.filter)
        except InvalidCondition as invalid:
            where = f"{invalid.path}: " if invalid.path else ""
            raise ValidationError({"filter": f"{where}{invalid.message}"}) from None

    @property
    def awaited(self) -> str:
        return self.event

    def summary(self) -> str:
        words = {
            "event": happenings.label(self.event),
            "filter": "" if self.filter is None else filters.sentence(self.filter),
            "time": durations.read(self.timeout).words,
        }
        said = _("%(event)s, at most %(time)s") % words
        if self.filter is not None:
            said = _("%(event)s if %(filter)s, at most %(time)s") % words
        return capfirst("; ".join(filter(None, (said, self.late_summary()))))

    def parameters(self) -> dict[str, Any]:
        own: dict[str, Any] = {"event": self.event}
        if self.filter is not None:
            own["filter"] = self.filter
        return own | {"timeout": self.timeout} | self.late_parameters()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        if values.get("filter") is not None:
            fields = happenings.fields_of(values["event"], EVERYTHING)
            filters.read(values["filter"], fields, f"{path}.filter")
        return lateness.columns(values, path, *LATE)

    def problems(self, around: Around) -> list[str | Promise]:
        found = list[str | Promise]()
        if happenings.is_silent(self.event):
            found.append(_("Nothing tells of “%(name)s” here.") % {"name": self.event})
        if self.filter is not None:
            found += filters.problems(self.filter, happenings.fields_of(self.event, around.fields))
        return found

    def run(self, place: "Place") -> Outcome:
        timeout = durations.read(self.timeout)
        until = zones.later(place.now, timeout.days, timeout.seconds, place.zone)
        clock = until.astimezone(zones.zone(place.zone))
        words = {"event": happenings.label(self.event), "time": f"{clock:%Y-%m-%d %H:%M %Z}"}
        note = _("Until %(time)s, or: %(event)s") % words
        return Wait(until, note=note, awaits=self.event)

    def happened(self, place: "Place", event: "Event") -> Done | None:
        """What happened after the time was over does not count, though nobody was woken yet."""
        due_at = place.journey.due_at
        if due_at is not None and event.occurred_at > due_at:
            return None
        if self.node is not None and not conditions.holds(self.node, place.facts):
            return None
        note = _("It happened: %(event)s") % {"event": happenings.label(self.event)}
        return Done(note=note, branch="happened", result={"event": event.pk})

    def wake(self, place: "Place") -> Outcome:
        too_late = self.too_late(place, again=None)
        note = lateness.note(_("The time is over."), place)
        return too_late or Done(note=note, branch="timed_out")
