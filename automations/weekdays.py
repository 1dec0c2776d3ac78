"""Days of the week on which a step may go on: as lists of names, and in words."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from automations.inputs import Input
from loyalty.cleaning import Unfit
from loyalty.fields import WEEKDAYS

NAMES = tuple(WEEKDAYS)
EVERY_DAY = frozenset(range(7))


def numbers(names: Collection[str]) -> frozenset[int]:
    """As Python counts them, Monday is 0; no name stands for every day."""
    return frozenset(NAMES.index(name) for name in names) or EVERY_DAY


def read(value: Any) -> list[str]:
    """Each once, in the order of the week; all seven are none: they bar nothing. Raises Unfit."""
    if not isinstance(value, list) or any(name not in NAMES for name in value):
        raise Unfit(_("This must be a list of: %s.") % ", ".join(NAMES))
    chosen = [name for name in NAMES if name in value]
    return [] if len(chosen) == len(NAMES) else chosen


def words(names: Sequence[str]) -> str:
    """“Monday to Friday”, “Tuesday or Sunday”; of none nothing."""
    if not names:
        return ""
    said = [str(WEEKDAYS[name]) for name in names]
    places = sorted(numbers(names))
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return _("%(first)s to %(last)s") % {"first": said[0], "last": said[-1]}
    if len(said) == 1:
        return said[0]
    return _("%(days)s or %(last)s") % {"days": ", ".join(said[:-1]), "last": said[-1]}


INPUT = Input(
    read, {"type": "array", "items": {"type": "string", "enum": list(NAMES)}, "uniqueItems": True}
)
