"""Time zones and wall-clock arithmetic: days are calendar days, hours are elapsed."""

from datetime import UTC, datetime, timedelta
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
