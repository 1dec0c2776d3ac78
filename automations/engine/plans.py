"""Published versions as the walk needs them: immutable trees, loaded once per process for ever."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from automations.models import Step, Thread, Trigger, Version
from automations.triggers import TRIGGERS, TriggerType
from loyalty.conditions import AnyOf, InvalidCondition, Node, parse
from loyalty.fields import EVERYTHING

log = logging.getLogger(__name__)

NEVER = AnyOf(())


@dataclass(frozen=True, slots=True)
class Station:
    """A step in its chain: `after` is the key of the step that follows (empty: the chain ends),
    `into` the first step of each branch of a fork (an empty branch leads to `after`; of a parallel
    walk its journey ends)."""

    step: Step
    after: str
    into: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """One trigger with its condition, read once."""

    trigger: Trigger
    type: type[TriggerType]
    filter: Node | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """A goal or an exit rule, read once: what holds when its event has happened."""

    is_goal: bool
    filter: Node | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`ways_out` are by the name of the event, the goal first; `heard_inside` are the names of all
    events that may end or wake who is inside."""

    version_id: int
    automation_id: int
    programs: frozenset[int]
    platforms: tuple[str, ...]
    locations: frozenset[int]
    starts_at: datetime | None
    ends_at: datetime | None
    ways_out: Mapping[str, tuple[WayOut, ...]]
    threads: Mapping[str, Thread]
    first: Mapping[str, str]
    starts: Mapping[str, tuple[Start, ...]]
    stations: Mapping[str, Station]
    writes_customer: bool
    heard_inside: frozenset[str]


@lru_cache(maxsize=2048)
def plan_of(version_id: int) -> Plan:
    """The plan of a published version; a query for each step type and a few more, once."""
    version = Version.objects.get(pk=version_id, published_at__isnull=False)
    threads = {thread.key: thread for thread in version.threads.prefetch_related("triggers")}
    steps = list(version.steps.all())
    for step in steps:
        step.load()
    ways_out = _ways_out(version)
    lanes = _lanes(steps)
    stations: dict[str, Station] = {}
    for key in threads:
        _lay(lanes, (None, key), "", stations)
    return Plan(
        version_id=version.pk,
        automation_id=version.automation_id,
        programs=frozenset(version.programs.values_list("pk", flat=True)),
        platforms=tuple(version.platforms),
        locations=frozenset(version.locations.values_list("pk", flat=True)),
        starts_at=version.starts_at,
        ends_at=version.ends_at,
        ways_out=ways_out,
        threads=threads,
        first={key: _first(lanes, (None, key), "") for key in threads},
        starts={key: _starts(thread) for key, thread in threads.items()},
        stations=stations,
        writes_customer=any(station.step.writes_customer for station in stations.values()),
        heard_inside=heard_inside(version, steps),
    )


def heard_inside(version: Version, steps: Iterable[Step]) -> frozenset[str]:
    """The names of all events that may end or wake who is inside that version."""
    ways_out = (rule["event"] for rule in (version.goal, *version.exits) if rule)
    return frozenset({*ways_out, *(step.awaited for step in steps if step.awaited)})


Lane = tuple[int | None, str]


def _lanes(steps: list[Step]) -> dict[Lane, list[Step]]:
    lanes: dict[Lane, list[Step]] = {}
    for step in sorted(steps, key=lambda step: (step.position, step.pk)):
        lanes.setdefault((step.parent_id, step.branch), []).append(step)
    return lanes


def _first(lanes: Mapping[Lane, list[Step]], lane: Lane, after: str) -> str:
    steps = lanes.get(lane)
    return steps[0].key if steps else after


def _lay(
    lanes: Mapping[Lane, list[Step]], root: Lane, after: str, stations: dict[str, Station]
) -> None:
    """Link the steps of a lane, and of the lanes below it, without recursion: chains are long."""
    todo = [(root, after)]
    while todo:
        lane, after = todo.pop()
        steps = lanes.get(lane, [])
        for position, step in enumerate(steps, start=1):
            goes_on = steps[position].key if position < len(steps) else after
            ends_at = "" if step.is_parallel else goes_on
            into = {name: _first(lanes, (step.pk, name), ends_at) for name in step.branches}
            stations[step.key] = Station(step, goes_on, into)
            todo += [((step.pk, name), ends_at) for name in step.branches]


def _starts(thread: Thread) -> tuple[Start, ...]:
    """Those whose type is still known."""
    return tuple(
        Start(
            trigger,
            TRIGGERS[trigger.type],
            _node(trigger.filter),
        )
        for trigger in thread.triggers.all()
        if trigger.type in TRIGGERS
    )


def _ways_out(version: Version) -> dict[str, tuple[WayOut, ...]]:
    found: dict[str, list[WayOut]] = defaultdict(list)
    if version.goal:
        found[version.goal["event"]].append(WayOut(True, _node(version.goal.get("filter"))))
    for rule in version.exits:
        found[rule["event"]].append(WayOut(False, _node(rule.get("filter"))))
    return {name: tuple(rules) for name, rules in found.items()}


def _node(tree: object) -> Node | None:
    """One that cannot be read any more (what it asks about is gone from the product) never holds:
    nobody enters or leaves by it, and everybody else goes on."""
    try:
        return parse(tree, EVERYTHING) if tree else None
    except InvalidCondition:
        log.exception("a condition that was published cannot be read: %s", tree)
        return NEVER


Listener = tuple[Plan, str, Start]


@lru_cache(maxsize=8)
def listeners(versions: tuple[int, ...]) -> dict[str, list[Listener]]:
    """By the name of an event, the threads of those versions that it may start."""
    found: dict[str, list[Listener]] = {}
    for plan in map(plan_of, versions):
        for thread, starts in plan.starts.items():
            for start in starts:
                for name in sorted(set(start.type.events(start.trigger.params))):
                    found.setdefault(name, []).append((plan, thread, start))
    return found
