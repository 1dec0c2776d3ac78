import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from automations import inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome
from automations.outcomes import Wait as Until
from loyalty import zones
from loyalty.cleaning import Unfit

if TYPE_CHECKING:
    from automations.place import Place

LONGEST_DAYS = 3_650
LONGEST_SECONDS = LONGEST_DAYS * 86_400
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}

# ISO 8601 with what has one length: a month has none, and weeks stand alone.
WEEKS = re.compile(r"P(\d{1,4})W", re.ASCII)
DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


def duration(value: Any) -> dict[str, int]:
    """`P1DT12H` as columns, minutes and seconds carried up to hours but hours never to days:
    a day is a day of the calendar, 24 hours are not. Raises Unfit."""
    text = value if isinstance(value, str) else ""
    if weeks := WEEKS.fullmatch(text):
        return _within_reason({"days": int(weeks[1]) * 7, "hours": 0, "minutes": 0, "seconds": 0})
    found = DURATION.fullmatch(text)
    if found is None:
        raise Unfit(_("This must be a duration of days, hours, minutes or seconds, e.g. P1DT12H."))
    return _within_reason({unit: int(found[unit] or 0) for unit in UNITS})


def _within_reason(columns: dict[str, int]) -> dict[str, int]:
    length = sum(columns[unit] * seconds for unit, seconds in UNITS.items())
    if not 0 < length <= LONGEST_SECONDS:
        raise Unfit(
            _("This must be longer than nothing and at most %(days)d days.")
            % {"days": LONGEST_DAYS}
        )
    minutes, seconds = divmod(columns["minutes"] * 60 + columns["seconds"], 60)
    hours, minutes = divmod(columns["hours"] * 60 + minutes, 60)
    return {"days": columns["days"], "hours": hours, "minutes": minutes, "seconds": seconds}


class Wait(Step):
    """Stay here for a time: days are calendar days where the customer lives, hours are elapsed."""

    type = "wait"
    label = gettext_lazy("Wait")
    help = gettext_lazy("Days are counted on the customer's calendar, hours by the clock.")
    group = "flow"
    icon = "wait"
    tone = "time"
    fields = ("days", "hours", "minutes", "seconds")
    takes = {"for": inputs.Input(duration, {"type": "string", "format": "duration"}, required=True)}

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

    class Meta:
        verbose_name = gettext_lazy("wait")
        verbose_name_plural = gettext_lazy("waits")

    def clean(self) -> None:
        try:
            columns = _within_reason({unit: getattr(self, unit) or 0 for unit in UNITS})
        except Unfit as reason:
            raise ValidationError(str(reason)) from None
        for unit, amount in columns.items():
            setattr(self, unit, amount)

    def summary(self) -> str:
        parts = (
            (self.days, ngettext("%d day", "%d days", self.days)),
            (self.hours, ngettext("%d hour", "%d hours", self.hours)),
            (self.minutes, ngettext("%d minute", "%d minutes", self.minutes)),
            (self.seconds, ngettext("%d second", "%d seconds", self.seconds)),
        )
        return " ".join(words % amount for amount, words in parts if amount)

    def parameters(self) -> dict[str, Any]:
        clock = "".join(
            f"{amount}{letter}"
            for amount, letter in ((self.hours, "H"), (self.minutes, "M"), (self.seconds, "S"))
            if amount
        )
        days = f"{self.days}D" if self.days else ""
        return {"for": f"P{days}T{clock}" if clock else f"P{days}"}

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        columns: dict[str, Any] = inputs.read(cls.takes, data, path)["for"]
        return columns

    def run(self, place: "Place") -> Outcome:
        seconds = (self.hours * 60 + self.minutes) * 60 + self.seconds
        until = zones.later(place.now, self.days, seconds, place.zone)
        clock = until.astimezone(zones.zone(place.zone))
        return Until(until, note=_("Until %s") % f"{clock:%Y-%m-%d %H:%M %Z}")

    def wake(self, place: "Place") -> Outcome:
        return Done(note=_("The wait is over."))
