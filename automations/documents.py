"""Reads a portable document: everything that is wrong with it at once, each with its exact path."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from automations import filters, steps, surroundings
from automations.lanes import DEEPEST
from automations.models.automation import Again
from automations.problems import Findings, refuse
from automations.triggers.base import type_of
from automations.versions import Drawn
from loyalty import cleaning
from loyalty.cleaning import Cleaner, Unfit
from loyalty.models import Program

FORMAT = 1
MOST_TRIGGERS = 50
KEY = re.compile(r"[-a-zA-Z0-9_]{1,40}")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")

# Parts of the form that are not built yet: only what says "nothing" is accepted.
NEUTRAL: Mapping[str, Any] = {
    "starts_at": None,
    "ends_at": None,
    "platforms": [],
    "locations": [],
    "goal": None,
}
NEUTRAL_ENTRY: Mapping[str, Any] = {"if_inside": "ignore", "cap": None}
THREAD = ("triggers", "steps", "entry")
TOP = ("format", "slug", "name", "label", "programs", *NEUTRAL, *THREAD, "threads")


@dataclass(slots=True)
class DrawnTrigger:
    type: str
    params: dict[str, Any]
    filter: Any = None


@dataclass(slots=True)
class Document:
    slug: str = ""
    name: str = ""
    label: str = ""
    programs: list[Program] = field(default_factory=list)
    thread_key: str = "main"
    thread_name: str = ""
    again: Again = Again.EVERY_TIME
    triggers: list[DrawnTrigger] = field(default_factory=list)
    steps: list[Drawn] = field(default_factory=list)


def parse(source: Any) -> Document:
    """The document as values that fit their columns; raises Invalid naming every culprit."""
    if not isinstance(source, dict):
        raise refuse("", _("An automation is an object."))
    reader = _Reader()
    document = reader.document(source)
    reader.findings.stop_if_any()
    _name_the_nameless(document.steps)
    return document


class _Reader:
    def __init__(self) -> None:
        self.findings = Findings()
        self.keys: set[str] = set()

    def document(self, source: dict[str, Any]) -> Document:
        self._refuse_unknown(source, TOP, "")
        if source.get("format") != FORMAT or isinstance(source.get("format"), bool):
            self.findings.add("format", _("This must be %(format)d.") % {"format": FORMAT})
        self._neutral(source, NEUTRAL, "")
        document = Document(
            slug=self._value(source, "slug", _matching(SLUG), ""),
            name=self._value(source, "name", cleaning.text(120, required=True), ""),
            label=self._value(source, "label", cleaning.text(60), "", default=""),
            programs=self._programs(source.get("programs", [])),
        )
        self._thread(source, document)
        return document

    # --- the thread ---------------------------------------------------------------------------

    def _thread(self, source: dict[str, Any], document: Document) -> None:
        """`triggers` and `steps` at the top are short for one thread."""
        if "threads" not in source:
            self._chain(source, document, "")
            return
        for name in set(THREAD) & set(source):
            self.findings.add(name, _("Where there are threads, this belongs into one of them."))
        match source["threads"]:
            case [dict(thread)]:
                path = "threads[0]."
                self._refuse_unknown(thread, ("key", "name", *THREAD), path)
                document.thread_key = self._value(
                    thread, "key", _matching(KEY), path, default="main"
                )
                document.thread_name = self._value(
                    thread, "name", cleaning.text(120), path, default=""
                )
                self._chain(thread, document, path)
            case [_one]:
                self.findings.add("threads[0]", _("A thread is an object."))
            case _:
                self.findings.add("threads", _("There must be exactly one thread."))

    def _chain(self, source: dict[str, Any], document: Document, path: str) -> None:
        document.again = self._entry(source.get("entry", {}), f"{path}entry")
        triggers = self._list(source.get("triggers", []), f"{path}triggers")
        if len(triggers) > MOST_TRIGGERS:
            self.findings.add(f"{path}triggers", _("At most %d triggers.") % MOST_TRIGGERS)
            triggers = []
        for place, trigger in enumerate(triggers):
            with self.findings.collecting():
                document.triggers.append(_trigger(trigger, f"{path}triggers[{place}]"))
        document.steps = self._lane(source.get("steps", []), f"{path}steps", 0)

    def _entry(self, entry: Any, path: str) -> Again:
        if not isinstance(entry, dict):
            self.findings.add(path, _("This must be an object."))
            return Again.EVERY_TIME
        self._refuse_unknown(entry, ("again", *NEUTRAL_ENTRY), f"{path}.")
        self._neutral(entry, NEUTRAL_ENTRY, f"{path}.")
        again = cleaning.choice(*Again.values)
        return Again(
            self._value(entry, "again", again, f"{path}.", default=Again.EVERY_TIME.value)
            or Again.EVERY_TIME
        )

    # --- steps --------------------------------------------------------------------------------

    def _lane(self, lane: Any, path: str, depth: int) -> list[Drawn]:
        if depth > DEEPEST:
            self.findings.add(
                path, _("Forks stand at most %(most)d deep in each other.") % {"most": DEEPEST}
            )
            return []
        drawn = (
            self._step(step, f"{path}[{place}]", depth)
            for place, step in enumerate(self._list(lane, path))
        )
        return [step for step in drawn if step is not None]

    def _step(self, step: Any, path: str, depth: int) -> Drawn | None:
        if not isinstance(step, dict):
            self.findings.add(path, _("A step is an object."))
            return None
        name = step.get("type")
        if not isinstance(name, str) or name not in steps.types():
            text = _("There is no step “%(type)s”.") % {"type": name} if name else _("Is missing.")
            self.findings.add(f"{path}.type", text)
            return None
        step_type = steps.types()[name]
        drawn = Drawn(step_type, self._key(step, path), {})
        own = {name: value for name, value in step.items() if name not in _FRAME}
        if step_type.names_its_branches:
            own["branches"] = list(step.get("branches") or {})
        with self.findings.collecting():
            drawn.values = step_type.parse(own, path)
        # Of a fork whose own values are wrong nobody may know the branches.
        if drawn.values or step_type.fixed_branches or not step_type.is_fork:
            drawn.branches = self._branches(drawn, step, path, depth)
        return drawn

    def _key(self, step: dict[str, Any], path: str) -> str:
        if "key" not in step:
            return ""
        key: str = self._value(step, "key", _matching(KEY), f"{path}.")
        if key and key in self.keys:
            self.findings.add(f"{path}.key", _("Another step has this key."))
        self.keys.add(key)
        return key

    def _branches(
        self, drawn: Drawn, step: dict[str, Any], path: str, depth: int
    ) -> dict[str, list[Drawn]]:
        known = drawn.type.branches_of(drawn.values) if drawn.type.is_fork else {}
        branches = step.get("branches", {})
        if "branches" in step and (not drawn.type.is_fork or not isinstance(branches, dict)):
            is_fork = drawn.type.is_fork
            text = _("This must be an object.") if is_fork else _("This step has no branches.")
            self.findings.add(f"{path}.branches", text)
            return {}
        self._refuse_unknown(branches, tuple(known), f"{path}.branches.")
        return {
            name: self._lane(branches.get(name, []), f"{path}.branches.{name}", depth + 1)
            for name in known
        }

    # --- values -------------------------------------------------------------------------------

    def _programs(self, slugs: Any) -> list[Program]:
        slugs = self._list(slugs, "programs")
        texts = [slug for slug in slugs if isinstance(slug, str)]
        known = {program.slug: program for program in Program.objects.filter(slug__in=texts)}
        for place, slug in enumerate(slugs):
            if not isinstance(slug, str) or slug not in known:
                self.findings.add(
                    f"programs[{place}]", _("There is no program “%(slug)s”.") % {"slug": slug}
                )
        return list(known.values())

    def _list(self, value: Any, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.findings.add(path, _("This must be a list."))
        return []

    def _value(
        self,
        source: dict[str, Any],
        name: str,
        clean: Cleaner,
        path: str,
        default: Any = None,
    ) -> Any:
        """The value made fit; what is wrong with it is noted, and then it is ""."""
        if name not in source and default is not None:
            return default
        try:
            return clean(source.get(name))
        except Unfit as reason:
            self.findings.add(f"{path}{name}", str(reason))
            return ""

    def _neutral(self, source: dict[str, Any], neutral: Mapping[str, Any], path: str) -> None:
        for name, nothing in neutral.items():
            if name in source and source[name] != nothing:
                self.findings.add(f"{path}{name}", _("Nothing can be set here yet."))

    def _refuse_unknown(self, source: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
        for name in source:
            if name not in known:
                self.findings.add(f"{path}{name}", _("There is no such field."))


# What every step has; the rest is its type's own.
_FRAME = ("key", "type", "branches")


def _trigger(trigger: Any, path: str) -> DrawnTrigger:
    if not isinstance(trigger, dict):
        raise refuse(path, _("A trigger is an object."))
    findings = Findings()
    for name in trigger.keys() - {"type", "params", "filter"}:
        findings.add(f"{path}.{name}", _("There is no such field."))
    kind = type_of(trigger.get("type"), f"{path}.type")
    params = trigger.get("params", {})
    if not isinstance(params, dict):
        raise refuse(f"{path}.params", _("This must be an object."))
    drawn = DrawnTrigger(kind.type, {})
    with findings.collecting():
        drawn.params = kind.read(params, f"{path}.params")
    if trigger.get("filter") is not None:
        with findings.collecting():
            fields = surroundings.of_trigger(kind)
            drawn.filter = filters.read(trigger["filter"], fields, f"{path}.filter")
    findings.stop_if_any()
    return drawn


def _matching(pattern: re.Pattern[str]) -> Cleaner:
    def clean(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Unfit(_("Letters, digits, hyphens and underscores only, and not too many."))
        return value

    return clean


def _name_the_nameless(drawn: list[Drawn]) -> None:
    """Keys for steps that came without: the same document gets the same ones every time."""
    every = list(_walk(drawn))
    taken = {step.key for step in every}
    counts: Counter[str] = Counter()
    for step in every:
        while not step.key:
            counts[step.type.type] += 1
            key = f"{step.type.type}-{counts[step.type.type]}".replace("_", "-")
            if key not in taken:
                step.key = key


def _walk(drawn: list[Drawn]) -> Iterator[Drawn]:
    for step in drawn:
        yield step
        for lane in step.branches.values():
            yield from _walk(lane)
