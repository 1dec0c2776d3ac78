from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import durations, inputs, lateness
from automations.columns import DateNameColumn, OffsetColumn
from automations.lateness import Lateness, Then
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip, Wait
from automations.problems import Around, refuse
from loyalty import zones
from loyalty.field_types import ANY, DATE, MOMENT
from loyalty.fields import EVERYTHING, Field

if TYPE_CHECKING:
    from automations.place import Place

AT = time(9)
YEARLY = "customer.birthday"
# A birthday that was a little before its waiter is woken is this one, and not the next: they may
# have moved east meanwhile, or a step after this was tried in vain.
LEEWAY = timedelta(days=2)
# As far as calendars go in every zone: “9999-12-31” is how many say “never”.
EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
LONGEST_NAME = 160


class WaitUntil(Step, Lateness):
    """Stay here until a date of the customer, a card, an order or the event, or so long before or
    after it. A birthday is the next one."""

    type = "wait_until"
    label = gettext_lazy("Wait until a date")
    help = gettext_lazy("Goes on at once, with a note, where the date has passed or is not known.")
    group = "flow"
    icon = "wait_until"
    tone = "time"
    fields = ("field", "offset", "at_time", *lateness.COLUMNS)
    seldom = lateness.COLUMNS
    seldom_label = lateness.LABEL
    takes = {
        "field": inputs.text(LONGEST_NAME, required=True),
        "offset": durations.OFFSET,
        "at": inputs.clock(),
        "late": lateness.late_input(*Then),
    }

    field = DateNameColumn(gettext_lazy("date"), max_length=LONGEST_NAME)
    offset = OffsetColumn(gettext_lazy("how long before or after"), blank=True)
    at_time = models.TimeField(
        gettext_lazy("at"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Empty: 09:00, or the very moment where the date has a time."),
    )

    class Meta:
        verbose_name = gettext_lazy("wait until a date")
        verbose_name_plural = gettext_lazy("waits until a date")

    @cached_property
    def asked(self) -> Field | None:
        return EVERYTHING.find(self.field)

    @property
    def is_yearly(self) -> bool:
        return self.field == YEARLY

    def clean(self) -> None:
        if self.field and (reason := _unfit(self.field)):
            raise ValidationError({"field": reason})
        self.offset = durations.read(self.offset).iso if durations.read(self.offset) else ""
        self.require_a_next(self.is_yearly)

    def summary(self) -> str:
        said = " ".join(filter(None, (self._offset_words(), self._field_words())))
        if self.at_time is not None:
            said = _("%(date)s at %(time)s") % {"date": said, "time": f"{self.at_time:%H:%M}"}
        return capfirst("; ".join(filter(None, (said, self.late_summary()))))

    def _offset_words(self) -> str:
        offset = durations.read(self.offset)
        if not offset:
            return ""
        return (_("%(time)s before") if offset.is_before else _("%(time)s after")) % {
            "time": offset.words
        }

    def _field_words(self) -> str:
        found = EVERYTHING.find(self.field)
        return _("the %(date)s") % {"date": found.label if found else self.field}

    def parameters(self) -> dict[str, Any]:
        own = {"field": self.field}
        if self.offset:
            own["offset"] = self.offset
        if self.at_time is not None:
            own["at"] = f"{self.at_time:%H:%M}"
        return own | self.late_parameters()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        if reason := _unfit(values["field"]):
            raise refuse(f"{path}.field", reason)
        if not durations.read(values.get("offset", "")):
            values["offset"] = ""
        values["at_time"] = values.pop("at", None)
        return lateness.columns(values, path, *Then, has_next=values["field"] == YEARLY)

    def problems(self, around: Around) -> list[str | Promise]:
        found = around.fields.find(self.field)
        if found is None:
            return [_("“%(name)s” never has a value here.") % {"name": self.field}]
        return [] if _may_be_a_date(found) else [_no_date(self.field)]

    def run(self, place: "Place") -> Outcome:
        until = self._moment(place, after=place.now)
        if until is None:
            return Skip(_("No date is known here."))
        if until <= place.now:
            return Skip(_("%s has passed.") % _said(until, place))
        return Wait(until, note=_("Until %s") % _said(until, place))

    def wake(self, place: "Place") -> Outcome:
        """The date may have moved or gone meanwhile: a card was extended, a birthday corrected."""
        due_at = place.now - place.late
        until = self._moment(place, after=due_at - LEEWAY)
        if until is None:
            return Skip(_("The date is no longer known."))
        if until > place.now:
            return Wait(until, note=_("The date has moved: until %s") % _said(until, place))
        too_late = self.too_late(place, again=lambda: self.run(place))
        return too_late or Done(note=lateness.note(_("The date has come."), place))

    def _moment(self, place: "Place", after: datetime) -> datetime | None:
        """When to go on (UTC), a birthday the next time after `after`; None without a value."""
        value = self._value(place)
        if value is None:
            return None
        if not self.is_yearly:
            return self._once(value, after, place.zone)
        years = range(after.year - self._years - 1, after.year + self._years + 3)
        moments = (self._on(zones.anniversary(value, year), place.zone) for year in years)
        return next(moment for moment in moments if moment > after)

    def _once(self, value: date | datetime, after: datetime, zone: str) -> datetime:
        """The moment of that date, within what a calendar can say."""
        try:
            moment = (
                self._shifted(value, zone) if isinstance(value, datetime) else self._on(value, zone)
            )
        except OverflowError:
            return EARLIEST if value.year < after.year else LATEST
        return min(max(moment, EARLIEST), LATEST)

    @property
    def _years(self) -> int:
        """How many years the offset spans, rounded up."""
        return abs(durations.read(self.offset).length) // (365 * 86_400) + 1

    def _value(self, place: "Place") -> date | datetime | None:
        """A text that is a date or a moment counts as one; anything else is no value."""
        value = place.facts.read(self.asked) if self.asked else None
        return next((read for kind in (DATE, MOMENT) if (read := kind.read(value))), None)

    def _on(self, day: date, zone: str) -> datetime:
        offset = durations.read(self.offset)
        wall = datetime.combine(day + timedelta(days=offset.days), self.at_time or AT)
        return zones.later(zones.localise(wall, zone), 0, offset.seconds, zone)

    def _shifted(self, moment: datetime, zone: str) -> datetime:
        if self.at_time is not None:
            return self._on(moment.astimezone(zones.zone(zone)).date(), zone)
        offset = durations.read(self.offset)
        return zones.later(moment, offset.days, offset.seconds, zone)


def _unfit(name: str) -> str:
    """Why no step can wait for that field; "" where one can."""
    found = EVERYTHING.find(name)
    if found is None or name.startswith("now."):
        return _("There is no field “%(name)s” here.") % {"name": name}
    return "" if _may_be_a_date(found) else _no_date(name)


def _may_be_a_date(found: Field) -> bool:
    """What somebody else sent, and an attribute, may hold the text of a date."""
    return found.type in (DATE, MOMENT, ANY)


def _no_date(name: str) -> str:
    return _("“%(name)s” is no date.") % {"name": name}


def _said(moment: datetime, place: "Place") -> str:
    return f"{moment.astimezone(zones.zone(place.zone)):%Y-%m-%d %H:%M %Z}"
