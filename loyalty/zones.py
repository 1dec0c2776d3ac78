"""Time zones and wall-clock arithmetic: days are calendar days, hours are elapsed."""

from calendar import monthrange
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def validate_time_zone(value: str) -> None:
    if value not in _names():
        raise ValidationError(
            _("“%(value)s” is not a time zone, e.g. Europe/Zurich."), params={"value": value}
        )


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for one that this machine no longer knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def later(moment: datetime, days: int, seconds: int, zone_name: str) -> datetime:
    """`moment` plus calendar days in that zone, then elapsed seconds, as UTC.

    The wall clock stays the same over the days. A wall time that a spring change skips becomes
    the first valid instant after the gap; one that happens twice in autumn is its first occurrence.
    """
    if days:
        wall = moment.astimezone(zone(zone_name)).replace(tzinfo=None) + timedelta(days=days)
        moment = localise(wall, zone_name)
    return moment.astimezone(UTC) + timedelta(seconds=seconds)


def months_later(moment: datetime, months: int, zone_name: str) -> datetime:
    """`moment` plus calendar months in that zone, as UTC; the last day of a shorter month."""
    wall = moment.astimezone(zone(zone_name)).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    return localise(wall.replace(year=year, month=month + 1, day=day), zone_name)


def localise(wall: datetime, zone_name: str) -> datetime:
    """The instant (UTC) at which clocks in that zone show `wall` (naive)."""
    home = zone(zone_name)
    first = wall.replace(tzinfo=home, fold=0).astimezone(UTC)
    if first.astimezone(home).replace(tzinfo=None) == wall:
        return first
    second = wall.replace(tzinfo=home, fold=1).astimezone(UTC)
    # In a gap the two readings straddle the change; walk to the first instant after it.
    low, high = sorted((first, second))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(home).utcoffset() == low.astimezone(home).utcoffset():
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def day_after(day: date, zone_name: str) -> datetime:
    """The instant (UTC) at which that day is over there."""
    return localise(datetime.combine(day + timedelta(days=1), time()), zone_name)


# Python's numbers: Monday is 0.
EVERY_DAY = frozenset(range(7))


def next_time(
    after: datetime, clock: time, zone_name: str, weekdays: Collection[int] = EVERY_DAY
) -> datetime:
    """The next instant later than `after` at which clocks there show `clock`, on such a weekday.

    A time that a spring change skips is the first valid instant after the gap; one that happens
    twice is its first occurrence alone. A whole day that a zone skipped is no day.
    """
    day = after.astimezone(zone(zone_name)).date()
    while True:
        found = localise(datetime.combine(day, clock), zone_name)
        if found > after and day.weekday() in weekdays and _happens(day, zone_name):
            return found
        day += timedelta(days=1)


def anniversary(day: date, year: int) -> date:
    """That day in that year; the 29th of February falls on the 28th in other years."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _happens(day: date, zone_name: str) -> bool:
    """Whether that day exists there: a zone that crosses the date line skips one."""
    noon = datetime.combine(day, time(12))
    return localise(noon, zone_name).astimezone(zone(zone_name)).date() == day
