from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import durations, inputs, lateness, weekdays
from automations.columns import WeekdaysColumn
from automations.durations import LONGEST_DAYS, LONGEST_SECONDS, Duration
from automations.lateness import Lateness, Then
from automations.models.step import Step
from automations.outcomes import Done, Outcome
from automations.outcomes import Wait as Until
from automations.problems import refuse
from loyalty import zones
from loyalty.cleaning import Unfit

if TYPE_CHECKING:
    from automations.place import Place


class Wait(Step, Lateness):
    """Stay here for a time, until a time of day, until a day of the week, or one after the other.

    Days are calendar days where the customer lives, hours are elapsed.
    """

    type = "wait"
    label = gettext_lazy("Wait")
    help = gettext_lazy("Days are counted on the customer's calendar, hours by the clock.")
    group = "flow"
    icon = "wait"
    tone = "time"
    fields = (
        *("days", "hours", "minutes", "seconds", "until_time", "weekdays"),
        *lateness.COLUMNS,
    )
    seldom = lateness.COLUMNS
    seldom_label = lateness.LABEL
    takes = {
        "for": durations.time_input(),
        "until_time": inputs.clock(),
        "weekdays": weekdays.INPUT,
        "late": lateness.late_input(*Then),
    }

    days = models.PositiveIntegerField(
        gettext_lazy("days"), default=0, validators=[MaxValueValidator(LONGEST_DAYS)]
    )
    hours = models.PositiveIntegerField(
        gettext_lazy("hours"), default=0, validators=[MaxValueValidator(LONGEST_SECONDS // 3600)]
    )
    minutes = models.PositiveIntegerField(
        gettext_lazy("minutes"), default=0, validators=[MaxValueValidator(LONGEST_SECONDS // 60)]
    )
    seconds = models.PositiveIntegerField(
        gettext_lazy("seconds"), default=0, validators=[MaxValueValidator(LONGEST_SECONDS)]
    )
    until_time = models.TimeField(
        gettext_lazy("until"),
        null=True,
        blank=True,
        help_text=gettext_lazy(
            "A time of day where the customer lives, once the days and hours are over."
        ),
    )
    weekdays = WeekdaysColumn(
        gettext_lazy("only on"),
        help_text=gettext_lazy(
            "On another day it goes on waiting, to the same time of the next of these days. "
            "None chosen: any day."
        ),
    )

    class Meta:
        verbose_name = gettext_lazy("wait")
        verbose_name_plural = gettext_lazy("waits")

    @property
    def duration(self) -> Duration:
        return durations.of(self.days, self.hours, self.minutes, self.seconds)

    @property
    def has_next(self) -> bool:
        """Whether what it waits for comes again: a time of day or a weekday does."""
        return self.until_time is not None or bool(self.weekdays)

    def clean(self) -> None:
        self.weekdays = weekdays.read(self.weekdays)
        duration = durations.of(*(getattr(self, unit) or 0 for unit in _UNITS))
        if duration or not self.has_next:
            try:
                durations.require_time(duration)
            except Unfit as reason:
                raise ValidationError(str(reason)) from None
        for unit, amount in _columns(duration).items():
            setattr(self, unit, amount)
        self.require_a_next(self.has_next)

    def summary(self) -> str:
        parts = (self.duration.words, self._until_words(), self.late_summary())
        return capfirst("; ".join(filter(None, (_then(parts[:2]), parts[2]))))

    def _until_words(self) -> str:
        days = weekdays.words(self.weekdays)
        if self.until_time is None:
            return _("until it is %(days)s") % {"days": days} if days else ""
        clock = {"time": f"{self.until_time:%H:%M}", "days": days}
        return (_("until %(time)s on %(days)s") if days else _("until %(time)s")) % clock

    def parameters(self) -> dict[str, Any]:
        own: dict[str, Any] = {"for": self.duration.iso} if self.duration else {}
        if self.until_time is not None:
            own["until_time"] = f"{self.until_time:%H:%M}"
        if self.weekdays:
            own["weekdays"] = self.weekdays
        return own | self.late_parameters()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        length = values.pop("for", "")
        has_next = values.get("until_time") is not None or bool(values.get("weekdays"))
        if not length and not has_next:
            raise refuse(f"{path}.for", _("Say how long, until what time or until which day."))
        values = lateness.columns(values, path, *Then, has_next=has_next)
        return _columns(durations.read(length)) | values

    def run(self, place: "Place") -> Outcome:
        end = zones.later(place.now, self.duration.days, self.duration.seconds, place.zone)
        # A start at 02:30 and days that end in a gap are 02:30 again on the days that follow.
        return self._until(end, end if self.duration.seconds else place.now, place)

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        """Those who live in the same time zone wait until the same moment."""
        return _alike(places, attrgetter("zone"), self.run)

    def wake(self, place: "Place") -> Outcome:
        too_late = self.too_late(place, again=lambda: self._again(place))
        return too_late or Done(note=lateness.note(_("The wait is over."), place))

    def wake_many(self, places: "Sequence[Place]") -> list[Outcome]:
        """Where nobody can be too late, those who are as many minutes late are told the same."""
        if self.late_after:
            return super().wake_many(places)
        return _alike(places, lateness.minutes, self.wake)

    def _again(self, place: "Place") -> Outcome:
        """What is over is not waited for again: only the next such time or day."""
        return self._until(place.now, place.now - place.late, place)

    def _until(self, end: datetime, wall: datetime, place: "Place") -> Outcome:
        """Wait until the first suitable moment once the duration is over at `end`; a day that is
        none goes on to the clock time of `wall`."""
        until = self._suitable(place.now, end, wall, place.zone)
        if until <= place.now:
            return Done(note=_("It is such a day."))
        clock = until.astimezone(zones.zone(place.zone))
        return Until(until, note=_("Until %s") % f"{clock:%Y-%m-%d %H:%M %Z}")

    def _suitable(self, now: datetime, end: datetime, wall: datetime, zone: str) -> datetime:
        """A duration that ends within the minute asked for has reached it: one that starts a moment
        after 09:00 and takes a day until 09:00 ends tomorrow, not the day after."""
        days = weekdays.numbers(self.weekdays)
        if self.until_time is not None:
            minute = end.replace(second=0, microsecond=0) - timedelta(microseconds=1)
            return zones.next_time(max(now, minute), self.until_time, zone, days)
        home = zones.zone(zone)
        if end.astimezone(home).weekday() in days:
            return end
        return zones.next_time(end, wall.astimezone(home).time(), zone, days)


_UNITS = ("days", "hours", "minutes", "seconds")


def _columns(duration: Duration) -> dict[str, int]:
    return dict(zip(_UNITS, (duration.days, *duration.clock), strict=True))


def _alike(
    places: "Sequence[Place]",
    trait: "Callable[[Place], Hashable]",
    do: "Callable[[Place], Outcome]",
) -> list[Outcome]:
    """What comes of it is found once for all who have the same trait."""
    traits = [trait(place) for place in places]
    one_of_each = dict(zip(traits, places, strict=True))
    outcomes = {each: do(place) for each, place in one_of_each.items()}
    return [outcomes[each] for each in traits]


def _then(parts: tuple[str, ...]) -> str:
    return _(", then ").join(filter(None, parts))
