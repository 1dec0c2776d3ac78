"""What an automation may use up: entries for ever, points and messages a day.

Exact across shards: the rows are locked before anything else of a batch is, in one order, and only
by batches with an automation that has such a limit. What a batch used is written or undone with it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, time
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from automations.journey_row import JourneyRow
from automations.models import Automation, Enrolment, Quota, Thread
from automations.place import MESSAGES, POINTS
from loyalty import bulk, zones

ENTRIES = "entries"
EVER = datetime(1970, 1, 1, tzinfo=UTC)

# What a limit is kept under: automation, thread (none for the whole of it), kind.
Name = tuple[int, str, str]
Hit = Callable[[int, str, int], None]


class Limit(NamedTuple):
    """At most so much of `kind` in the time that begins at `period`."""

    automation_id: int
    thread: str
    kind: str
    period: datetime
    most: int

    @property
    def name(self) -> Name:
        return self.automation_id, self.thread, self.kind


def today(now: datetime, zone: str) -> datetime:
    """The first moment of the day it is there, as UTC."""
    day = now.astimezone(zones.zone(zone)).date()
    return zones.localise(datetime.combine(day, time()), zone)


def of(
    automations: Iterable[Automation], threads: Iterable[tuple[int, Thread]], day: datetime
) -> set[Limit]:
    """What those automations may give and say on that day, and how many may ever enter those
    threads (each with the key of its automation)."""
    found = {limit for each in automations for limit in _of_automation(each, day)}
    return found | {
        Limit(automation_id, thread.key, ENTRIES, EVER, thread.cap)
        for automation_id, thread in threads
        if thread.cap is not None
    }


def _of_automation(automation: Automation, day: datetime) -> Iterator[Limit]:
    for kind, most in (
        (POINTS, automation.most_points_a_day),
        (MESSAGES, automation.most_messages_a_day),
    ):
        if most is not None:
            yield Limit(automation.pk, "", kind, day, most)


class Limits:
    """What is left of the limits of one batch. Made by `lock`."""

    def __init__(self, limits: Iterable[Limit], rows: Iterable[Quota]) -> None:
        self._most = {limit.name: limit.most for limit in limits}
        self._rows = {_name(row): row for row in rows}
        self._changed: set[Name] = set()

    def left(self, automation_id: int, kind: str, thread: str = "") -> int | None:
        """How much more it may be; none where nothing limits it."""
        name = automation_id, thread, kind
        most = self._most.get(name)
        return None if most is None else max(0, most - self._rows[name].used)

    def most(self, automation_id: int, kind: str) -> int:
        return self._most.get((automation_id, "", kind), 0)

    def use(self, automation_id: int, kind: str, amount: int = 1, thread: str = "") -> None:
        name = automation_id, thread, kind
        if name in self._rows:
            self._rows[name].used += amount
            self._changed.add(name)

    def write(self) -> None:
        bulk.update(Quota, [self._rows[name] for name in self._changed], ["used"])


class Purse:
    """What journeys ask before they give or say something; counts where a budget was hit."""

    def __init__(self, limits: Limits, hit: Hit) -> None:
        self._limits = limits
        self._hit = hit

    def refusal(self, journey: JourneyRow, kind: str, amount: int) -> str:
        """Why it may not be, in words for the shop owner; empty where it may."""
        left = self._limits.left(journey.automation_id, kind)
        if left is None or amount <= left:
            return ""
        self._hit(journey.automation_id, "budget", journey.shard)
        most = self._limits.most(journey.automation_id, kind)
        if kind == MESSAGES:
            return _("It may send %d messages a day, and has.") % most
        words = {"left": left, "most": most}
        return _("Of the %(most)d points it may give a day, %(left)d are left.") % words

    def use(self, journey: JourneyRow, kind: str, amount: int) -> None:
        self._limits.use(journey.automation_id, kind, amount)


def lock(limits: Collection[Limit]) -> Limits:
    """Their rows, made where they are not there yet, locked until the transaction ends."""
    if not limits:
        return Limits((), ())
    rows = _locked(limits)
    known = {_name(row) for row in rows}
    if new := sorted(limit for limit in limits if limit.name not in known):
        # A batch that makes the same row is waited for here; then it is there, with what it used.
        bulk.insert(Quota, [_first(limit) for limit in new], ignore_conflicts=True)
        rows = _locked(limits)
    return Limits(limits, rows)


def forget_entries(automation: Automation) -> None:
    """How many have entered is counted anew when a cap wants to know: it may not have been a rule
    of the version before."""
    Quota.objects.filter(automation=automation, kind=ENTRIES).delete()


def _name(row: Quota) -> Name:
    return row.automation_id, row.thread, row.kind


def _locked(limits: Iterable[Limit]) -> list[Quota]:
    asked = reduce(
        or_,
        (
            Q(
                automation=limit.automation_id,
                thread=limit.thread,
                kind=limit.kind,
                period=limit.period,
            )
            for limit in limits
        ),
    )
    return list(Quota.objects.filter(asked).order_by("pk").select_for_update(no_key=True))


def _first(limit: Limit) -> Quota:
    used = 0
    if limit.kind == ENTRIES:
        entered = Enrolment.objects.filter(automation=limit.automation_id, thread=limit.thread)
        used = entered.count()
    return Quota(
        automation_id=limit.automation_id,
        thread=limit.thread,
        kind=limit.kind,
        period=limit.period,
        used=used,
    )
