"""A whole document: its frame, its rules, its threads with their triggers."""

from typing import Any

from django.utils.translation import gettext as _

from automations import filters, rules, surroundings
from automations.documents.chain import Chains, name_the_nameless
from automations.documents.parts import (
    FORMAT,
    NEUTRAL,
    THREAD,
    TOP,
    Document,
    DrawnThread,
    DrawnTrigger,
)
from automations.documents.reader import KEY, SLUG, Reader, matching
from automations.problems import Findings, refuse
from automations.rules import Rules
from automations.triggers.base import type_of
from loyalty import cleaning
from loyalty.models import Location, Program

MOST_THREADS = 20
MOST_TRIGGERS = 50
FIRST_KEY = "main"


def parse(source: Any) -> Document:
    """The document as values that fit their columns; raises Invalid naming every culprit."""
    if not isinstance(source, dict):
        raise refuse("", _("An automation is an object."))
    reader = _Documents()
    document = reader.document(source)
    reader.findings.stop_if_any()
    _name_the_nameless(document.threads)
    name_the_nameless(thread.steps for thread in document.threads)
    return document


class _Documents(Reader):
    def __init__(self) -> None:
        super().__init__()
        self.chains = Chains(self)

    def document(self, source: dict[str, Any]) -> Document:
        self.refuse_unknown(source, TOP, "")
        if source.get("format") != FORMAT or isinstance(source.get("format"), bool):
            self.findings.add("format", _("This must be %(format)d.") % {"format": FORMAT})
        document = Document(
            slug=self.value(source, "slug", matching(SLUG), ""),
            name=self.value(source, "name", cleaning.text(120, required=True), ""),
            label=self.value(source, "label", cleaning.text(60), "", default=""),
            programs=self._programs(source.get("programs", [])),
            locations=self._locations(source.get("locations", [])),
            rules=self._rules({**NEUTRAL, **source}),
        )
        document.threads = self._threads(source)
        return document

    def _rules(self, source: dict[str, Any]) -> Rules:
        found, collecting = Rules(), self.findings.collecting
        times = {name: source[name] for name in ("starts_at", "ends_at")}
        with collecting():
            found.schedule = rules.schedule(times)
        with collecting():
            found.platforms = rules.platforms(source["platforms"])
        with collecting():
            if source["goal"] is not None:
                found.goal = rules.happening(source["goal"], "goal")
        with collecting():
            found.exits = rules.exits(source["exits"])
        with collecting():
            found.limits = rules.limits(source["limits"], "limits")
        return found

    # --- threads ------------------------------------------------------------------------------

    def _threads(self, source: dict[str, Any]) -> list[DrawnThread]:
        """`triggers`, `steps` and `entry` at the top are short for one thread."""
        if "threads" not in source:
            return [self._chain(source, DrawnThread(), "")]
        for name in set(THREAD) & set(source):
            self.findings.add(name, _("Where there are threads, this belongs into one of them."))
        threads = self.items(source["threads"], "threads")
        if isinstance(source["threads"], list) and not 1 <= len(threads) <= MOST_THREADS:
            self.findings.add(
                "threads", _("There must be one to %(most)d threads.") % {"most": MOST_THREADS}
            )
            return []
        drawn = [self._thread(thread, f"threads[{at}]") for at, thread in enumerate(threads)]
        self._refuse_twins(drawn)
        return drawn

    def _thread(self, source: Any, path: str) -> DrawnThread:
        if not isinstance(source, dict):
            self.findings.add(path, _("A thread is an object."))
            return DrawnThread()
        self.refuse_unknown(source, ("key", "name", *THREAD), f"{path}.")
        thread = DrawnThread(
            key=self.value(source, "key", matching(KEY), f"{path}.", default=""),
            name=self.value(source, "name", cleaning.text(120), f"{path}.", default=""),
        )
        return self._chain(source, thread, f"{path}.")

    def _refuse_twins(self, drawn: list[DrawnThread]) -> None:
        seen: set[str] = set()
        for at, thread in enumerate(drawn):
            if thread.key and thread.key in seen:
                self.findings.add(f"threads[{at}].key", _("Another thread has this key."))
            seen.add(thread.key)

    def _chain(self, source: dict[str, Any], thread: DrawnThread, path: str) -> DrawnThread:
        with self.findings.collecting():
            thread.entry = rules.entry(source.get("entry", {}), f"{path}entry")
        triggers = self.items(source.get("triggers", []), f"{path}triggers")
        if len(triggers) > MOST_TRIGGERS:
            self.findings.add(f"{path}triggers", _("At most %d triggers.") % MOST_TRIGGERS)
            triggers = []
        for place, trigger in enumerate(triggers):
            with self.findings.collecting():
                thread.triggers.append(_trigger(trigger, f"{path}triggers[{place}]"))
        thread.steps = self.chains.lane(source.get("steps", []), f"{path}steps")
        return thread

    # --- what is named by its slug ------------------------------------------------------------

    def _programs(self, source: Any) -> list[Program]:
        slugs = self.items(source, "programs")
        known = {row.slug: row for row in Program.objects.filter(slug__in=_texts(slugs))}
        for place, slug in enumerate(slugs):
            if not isinstance(slug, str) or slug not in known:
                self.findings.add(
                    f"programs[{place}]", _("There is no program “%(slug)s”.") % {"slug": slug}
                )
        return list(known.values())

    def _locations(self, source: Any) -> list[Location]:
        slugs = self.items(source, "locations")
        known = {row.slug: row for row in Location.objects.filter(slug__in=_texts(slugs))}
        for place, slug in enumerate(slugs):
            if not isinstance(slug, str) or slug not in known:
                self.findings.add(
                    f"locations[{place}]", _("There is no location “%(slug)s”.") % {"slug": slug}
                )
        return list(known.values())


def _texts(slugs: list[Any]) -> list[str]:
    return [slug for slug in slugs if isinstance(slug, str)]


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


def _name_the_nameless(threads: list[DrawnThread]) -> None:
    """Keys for threads that came without, the same ones every time."""
    taken = {thread.key for thread in threads}
    numbers = range(2, 2 * len(threads) + 2)
    free = iter([key for key in (FIRST_KEY, *(f"thread-{n}" for n in numbers)) if key not in taken])
    for thread in threads:
        thread.key = thread.key or next(free)
