"""The rules around the chains as values: who enters, from when until when, what ends it.

Documents and the verbs of whoever draws read them alike: what does not fit is refused with its
path. What fits may still be of no use where it stands; that is for `automations.lint`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from automations import filters, happenings, surroundings
from automations.inputs import MOST
from automations.models.automation import Again, IfInside
from automations.problems import Findings, refuse
from loyalty import cleaning
from loyalty.cleaning import Cleaner, Unfit
from loyalty.fields import EVERYTHING

MOST_DAYS = 3_650
MOST_EXITS = 20
MOST_PLATFORMS = 50
LONGEST_EVENT = 80
LONGEST_FIELD = 120

LIMITS = ("points_per_day", "messages_per_day")

# What happened, and what must hold of it: `{"event": …, "filter": …}`, without a filter always.
Happening = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """How often one customer may enter a thread; `key` is the field of `once_per_key`."""

    again: Again = Again.EVERY_TIME
    days: int | None = None
    key: str = ""
    if_inside: IfInside = IfInside.IGNORE
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Entries are let in from `starts_at` until `ends_at` (aware; None: without an end)."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What an automation gives and says in one day at most; None: without a limit."""

    points_per_day: int | None = None
    messages_per_day: int | None = None


@dataclass(slots=True)
class Rules:
    """What a document says of a version beside its threads."""

    schedule: Schedule = Schedule()
    platforms: list[str] = field(default_factory=list)
    goal: Happening | None = None
    exits: list[Happening] = field(default_factory=list)
    limits: Limits = Limits()


def entry(source: Any, path: str) -> Entry:
    """Raises Invalid naming all that is unknown, unfit, or belongs to another rule."""
    values = _cleaned(source, _ENTRY, path)
    found = Entry(**{name: value for name, value in values.items() if value is not None})
    findings = Findings()
    if found.days is not None and found.again != Again.ONCE_PER_DAYS:
        findings.add(_at(path, "days"), _("This belongs to once_per_days."))
    if found.key and found.again != Again.ONCE_PER_KEY:
        findings.add(_at(path, "key"), _("This belongs to once_per_key."))
    findings.stop_if_any()
    return found


def schedule(source: Mapping[str, Any], path: str = "") -> Schedule:
    """Whether it ends after it starts is asked when it is published."""
    return Schedule(**_cleaned(source, _SCHEDULE, path))


def limits(source: Any, path: str) -> Limits:
    return Limits(**_cleaned(source, _LIMITS, path))


def platforms(source: Any, path: str = "platforms") -> list[str]:
    """Names of platforms as orders carry them, each once."""
    if not isinstance(source, list) or len(source) > MOST_PLATFORMS:
        raise refuse(path, _("This must be a list of at most %d.") % MOST_PLATFORMS)
    findings, found = Findings(), []
    clean = cleaning.key(40)
    for place, name in enumerate(source):
        try:
            found.append(clean(name))
        except Unfit as reason:
            findings.add(f"{path}[{place}]", str(reason))
    findings.stop_if_any()
    return list(dict.fromkeys(found))


def happening(source: Any, path: str) -> Happening:
    """A goal or an exit rule; raises Invalid."""
    values = _cleaned(source, _HAPPENING, path)
    if "event" not in values:
        raise refuse(_at(path, "event"), _("This is missing."))
    if values.get("filter") is None:
        return {"event": values["event"]}
    fields = surroundings.of_event(values["event"])
    tree = filters.read(values["filter"], fields, _at(path, "filter"))
    return {"event": values["event"], "filter": tree}


def exits(source: Any, path: str = "exits") -> list[Happening]:
    if not isinstance(source, list) or len(source) > MOST_EXITS:
        raise refuse(path, _("This must be a list of at most %d.") % MOST_EXITS)
    findings, found = Findings(), []
    for place, each in enumerate(source):
        with findings.collecting():
            found.append(happening(each, f"{path}[{place}]"))
    findings.stop_if_any()
    return found


# --- Values ---------------------------------------------------------------------------------------


def _cleaned(source: Any, cleaners: Mapping[str, Cleaner], path: str) -> dict[str, Any]:
    if not isinstance(source, Mapping):
        raise refuse(path, _("This must be an object."))
    findings, values = Findings(), {}
    for name, value in source.items():
        try:
            values[name] = cleaners.get(name, cleaning.unknown)(value)
        except Unfit as reason:
            findings.add(_at(path, name), str(reason))
    findings.stop_if_any()
    return values


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _or_nothing(clean: Cleaner) -> Cleaner:
    return lambda value: None if value is None else clean(value)


def _one_of(kind: Callable[[str], str], names: list[str]) -> Cleaner:
    clean = cleaning.choice(*names)
    return lambda value: kind(clean(value))


def _field_name(value: Any) -> str:
    name: str = cleaning.text(LONGEST_FIELD)(value)
    if name and EVERYTHING.find(name) is None:
        raise Unfit(_("There is no field “%(name)s”.") % {"name": name})
    return name


def _event_name(value: Any) -> str:
    name: str = cleaning.text(LONGEST_EVENT, required=True)(value)
    if happenings.is_silent(name):
        raise Unfit(_("Nothing tells of “%(name)s” yet.") % {"name": name})
    return name


def _as_it_is(value: Any) -> Any:
    return value


_ENTRY: Mapping[str, Cleaner] = {
    "again": _one_of(Again, Again.values),
    "days": _or_nothing(cleaning.integer(1, MOST_DAYS)),
    "key": _field_name,
    "if_inside": _one_of(IfInside, IfInside.values),
    "cap": _or_nothing(cleaning.integer(1, MOST)),
}
_SCHEDULE: Mapping[str, Cleaner] = dict.fromkeys(("starts_at", "ends_at"), cleaning.moment)
_LIMITS: Mapping[str, Cleaner] = dict.fromkeys(LIMITS, _or_nothing(cleaning.integer(1, MOST)))
_HAPPENING: Mapping[str, Cleaner] = {"event": _event_name, "filter": _as_it_is}
