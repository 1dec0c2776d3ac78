"""How long: days of the calendar and elapsed seconds, as ISO 8601 and in words."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.inputs import Input
from loyalty.cleaning import Unfit

LONGEST_DAYS = 3_650
LONGEST_SECONDS = LONGEST_DAYS * 86_400
LONGEST_TEXT = 24  # characters of the ISO form

# ISO 8601 with what has one length: a month has none, and weeks stand alone.
WEEKS = re.compile(r"P(\d{1,4})W", re.ASCII)
PARTS = re.compile(
    r"P(?=\d|T\d)(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Minutes and seconds are carried up to hours, but hours never to days: a day is a day of the
    calendar, 24 hours are not. Both are below zero for what lies before."""

    days: int = 0
    seconds: int = 0

    def __bool__(self) -> bool:
        return self != NOTHING

    @property
    def length(self) -> int:
        """In seconds, with days of 24 hours."""
        return self.days * 86_400 + self.seconds

    @property
    def is_before(self) -> bool:
        return self.length < 0

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hours, minutes and seconds, of what lies before too."""
        minutes, seconds = divmod(abs(self.seconds), 60)
        return (*divmod(minutes, 60), seconds)

    @property
    def iso(self) -> str:
        """`P1DT12H`, `-P3D`; nothing is `P0D`."""
        clock = "".join(f"{n}{letter}" for n, letter in zip(self.clock, "HMS", strict=True) if n)
        days = f"{abs(self.days)}D" if self.days or not clock else ""
        return f"{'-' if self.is_before else ''}P{days}{'T' if clock else ''}{clock}"

    @property
    def words(self) -> str:
        """“2 days 1 hour”, whether it lies before or after."""
        days, (hours, minutes, seconds) = abs(self.days), self.clock
        parts = (
            (days, ngettext("%d day", "%d days", days)),
            (hours, ngettext("%d hour", "%d hours", hours)),
            (minutes, ngettext("%d minute", "%d minutes", minutes)),
            (seconds, ngettext("%d second", "%d seconds", seconds)),
        )
        return " ".join(words % n for n, words in parts if n)


def of(days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> Duration:
    return Duration(days, (hours * 60 + minutes) * 60 + seconds)


NOTHING = Duration()


@lru_cache(maxsize=1024)
def read(text: str) -> Duration:
    """`P1DT12H`, `-P3D` or `P2W`; "" is nothing. Raises Unfit."""
    if not text:
        return NOTHING
    found = _unsigned(text.removeprefix("-"))
    return Duration(-found.days, -found.seconds) if text.startswith("-") else found


def _unsigned(text: str) -> Duration:
    if weeks := WEEKS.fullmatch(text):
        return Duration(days=int(weeks[1]) * 7)
    found = PARTS.fullmatch(text)
    if found is None:
        raise Unfit(_("This must be a duration of days, hours, minutes or seconds, e.g. P1DT12H."))
    return of(**{unit: int(amount or 0) for unit, amount in found.groupdict().items()})


def require_time(duration: Duration) -> Duration:
    """It, where it is a time to wait; raises Unfit."""
    if not 0 < duration.length <= LONGEST_SECONDS:
        raise Unfit(
            _("This must be longer than nothing and at most %(days)d days.")
            % {"days": LONGEST_DAYS}
        )
    return duration


def require_offset(duration: Duration) -> Duration:
    """It, where it is not too far before or after; raises Unfit."""
    if abs(duration.length) > LONGEST_SECONDS:
        raise Unfit(_("This must be at most %(days)d days.") % {"days": LONGEST_DAYS})
    return duration


def time_input(*, required: bool = False) -> Input:
    """A time to wait, as plain ISO text."""
    return Input(_time, {"type": "string", "format": "duration"}, required)


def _time(value: Any) -> str:
    return require_time(_given(value)).iso


def _offset(value: Any) -> str:
    return require_offset(_given(value)).iso


def _given(value: Any) -> Duration:
    return read(value) if isinstance(value, str) and value else _unsigned("")


# Before (`-P3D`) or after; `P0D` is neither.
OFFSET = Input(_offset, {"type": "string", "pattern": "^-?P"})
