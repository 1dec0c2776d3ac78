"""The parts of a portable document as values that fit their columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automations.rules import Entry, Rules
from automations.versions import Drawn
from loyalty.models import Location, Program

FORMAT = 1

# What a document may leave out, and what that means.
NEUTRAL: Mapping[str, Any] = {
    "starts_at": None,
    "ends_at": None,
    "platforms": [],
    "locations": [],
    "goal": None,
    "exits": [],
    "limits": {},
}
THREAD = ("triggers", "steps", "entry")
TOP = ("format", "slug", "name", "label", "programs", *NEUTRAL, *THREAD, "threads")


@dataclass(slots=True)
class DrawnTrigger:
    type: str
    params: dict[str, Any]
    filter: Any = None


@dataclass(slots=True)
class DrawnThread:
    key: str = ""
    name: str = ""
    entry: Entry = field(default_factory=Entry)
    triggers: list[DrawnTrigger] = field(default_factory=list)
    steps: list[Drawn] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    slug: str = ""
    name: str = ""
    label: str = ""
    programs: list[Program] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    rules: Rules = field(default_factory=Rules)
    threads: list[DrawnThread] = field(default_factory=list)
