"""Takes people from older versions to a new one, or out: many, in bites that lock nobody out.

A bite is a transaction of its own where the caller is in none. It takes only rows that nobody holds
(a pump may hold a branch while it wants its parent, so we never wait for one), a journey with all
its branches or not at all; whom a pump moved meanwhile is asked again. What is done is done: when
the power goes in between, publishing with the same choices goes on where it stopped.
"""

import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from automations.choices import EVERYBODY, FINISH, Choice, Way
from automations.engine.journeys import BITE, INSIDE
from automations.engine.releasing import CLAIM, release
from automations.engine.rows import Ran, Rows
from automations.grounds import Spot
from automations.journey_row import JourneyRow, journey_rows
from automations.models import Automation, Journey, Version
from automations.models.journey import JourneyState, RunOutcome
from loyalty import bulk

TRIES = 40
PAUSE = 0.05  # seconds; a pump's batch is shorter

CHANGED = (
    *("version", "thread", "step_key", "is_inside", "awaits", "state"),
    *("due_at", "moves", "attempts", "note", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class Move:
    """Where people go: the new version, its steps, and what is chosen by the step they stand at."""

    version: Version
    spots: Mapping[str, Spot]
    choices: Mapping[str, Choice]
    now: datetime
    types: Mapping[tuple[int, str], type]  # of steps by version and key

    def of(self, journey: JourneyRow) -> Choice:
        """A choice for everybody is not for those whose step is gone: they finish."""
        if journey.step_key in self.choices:
            return self.choices[journey.step_key]
        rest = self.choices.get(EVERYBODY, FINISH)
        return rest if self.has_place(journey, "") else FINISH

    def has_place(self, journey: JourneyRow, fork: str) -> bool:
        spot = self.spots.get(journey.step_key)
        return spot is not None and spot.fork == fork

    def goes_in(self, journey: JourneyRow, to: Spot) -> None:
        """To the new version, there where it stood; its wait goes on ticking."""
        before = self.types.get((journey.version_id, journey.step_key))
        if journey.is_inside and before is not type(to.step):
            journey.is_inside, journey.awaits = False, ""
            journey.due_at = journey.due_at or self.now
        if journey.awaits:
            journey.awaits = to.step.awaited
        journey.version_id, journey.thread = self.version.pk, to.thread

    def begins_at(self, journey: JourneyRow, to: Spot) -> None:
        """To a step of the new version that has not begun yet; due at once."""
        journey.version_id, journey.thread, journey.step_key = (
            self.version.pk,
            to.thread,
            to.step.key,
        )
        journey.is_inside, journey.awaits, journey.attempts = False, "", 0
        journey.due_at = self.now


def move(automation: Automation, to: Move) -> Tally[Way]:
    """Do with everybody inside an older version what is chosen for them; says how many each way."""
    done: Tally[Way] = Tally()
    found = Journey.objects.filter(automation=automation, parent=None, state__in=INSIDE)
    found = found.exclude(version=to.version)
    acting = {key for key, choice in to.choices.items() if choice != FINISH}
    if EVERYBODY in acting:
        finishing = [key for key, choice in to.choices.items() if choice == FINISH]
        known = [key for key, spot in to.spots.items() if not spot.fork]
        found = found.exclude(step_key__in=finishing)
        found = found.filter(step_key__in={*known, *acting} - {EVERYBODY})
    else:
        found = found.filter(step_key__in=acting)
    _in_bites(found, lambda bite: _move(bite, to, done), to.now)
    return done


def end(automation: Automation, note: str, now: datetime) -> int:
    """End everybody inside, with the reason staff will read; says how many."""
    found = Journey.objects.filter(automation=automation, parent=None, state__in=INSIDE)
    ended = 0

    def work(bite: _Bite) -> None:
        nonlocal ended
        for journey in bite.roots:
            bite.end_family(journey, note, now)
        bite.write(now)
        ended += len(bite.roots)

    _in_bites(found, work, now)
    return ended


# --- Bites ----------------------------------------------------------------------------------------


@dataclass
class _Bite:
    """Journeys that stand in no branch, with all that walk in branches of theirs; all locked."""

    roots: list[JourneyRow]
    below: Mapping[int, list[JourneyRow]]  # by their parent
    changed: list[JourneyRow] = field(default_factory=list)
    rows: Rows = field(default_factory=Rows)
    settling: list[int] = field(default_factory=list)  # those that ended with a claim to settle

    def keep(self, journey: JourneyRow, outcome: RunOutcome, note: str, now: datetime) -> None:
        """It is written, with a line in its history."""
        self.changed.append(journey)
        self.rows.step_runs.append(
            Ran(journey.id, journey.moves, journey.step_key, "", outcome, note[:250], {}, now)
        )
        journey.moves += 1

    def end_family(self, journey: JourneyRow, note: str, now: datetime) -> None:
        self.end_below(journey, note, now)
        self.keep(journey, RunOutcome.STOPPED, note, now)
        if CLAIM in journey.data:
            self.settling.append(journey.id)
        journey.state, journey.due_at, journey.ended_at = JourneyState.STOPPED, None, now
        journey.is_inside, journey.awaits, journey.note = False, "", note[:250]
        if journey.parent_id is None:
            self.rows.count(journey, "", "stopped")
        else:
            self.rows.ended_branches.add(journey.parent_id)

    def end_below(self, journey: JourneyRow, note: str, now: datetime) -> None:
        for branch in self.below.get(journey.id, ()):
            self.end_family(branch, note, now)

    def write(self, now: datetime) -> None:
        bulk.update(Journey, self.changed, CHANGED)
        self.rows.write(now)


def _in_bites(found: "QuerySet[Journey]", work: Callable[[_Bite], None], now: datetime) -> None:
    """Do it with all that are found; `work` must leave none of a bite among them."""
    for attempt in range(TRIES):
        last, missed = 0, 0
        while ids := _next(found, last):
            with transaction.atomic():
                bite, left = _take(found, ids)
                work(bite)
            release(bite.settling, now)
            last, missed = ids[-1], missed + left
        if not missed:
            return
        time.sleep(PAUSE * min(attempt + 1, 4))


def _next(found: "QuerySet[Journey]", last: int) -> list[int]:
    return list(found.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BITE])


def _take(found: "QuerySet[Journey]", ids: list[int]) -> tuple[_Bite, int]:
    """Lock them, and all their branches; says how many were in somebody else's hands."""
    roots = {journey.id: journey for journey in _locked(found.filter(pk__in=ids))}
    below: dict[int, list[JourneyRow]] = defaultdict(list)
    root_of, parents, busy = {pk: pk for pk in roots}, list(roots), set[int]()
    while parents:
        wanted = Journey.objects.filter(parent__in=parents, state__in=INSIDE)
        expected = dict(wanted.values_list("pk", "parent_id"))
        got = _locked(wanted) if expected else []
        for journey in got:
            below[journey.parent_id or 0].append(journey)
            root_of[journey.id] = root_of[journey.parent_id or 0]
        missing = expected.keys() - {journey.id for journey in got}
        busy |= {root_of[expected[pk]] for pk in missing}
        parents = [journey.id for journey in got]
    free = [journey for pk, journey in roots.items() if pk not in busy]
    return _Bite(free, below), len(ids) - len(free)


def _locked(rows: "QuerySet[Journey]") -> list[JourneyRow]:
    return journey_rows(rows.order_by("pk").select_for_update(no_key=True, skip_locked=True))


# --- What is chosen -------------------------------------------------------------------------------


def _move(bite: _Bite, to: Move, done: Tally[Way]) -> None:
    for journey in bite.roots:
        choice = to.of(journey)
        if choice.way != Way.FINISH:
            _go(bite, journey, choice, to)
            done[choice.way] += 1
    bite.write(to.now)


def _go(bite: _Bite, journey: JourneyRow, choice: Choice, to: Move) -> None:
    n = {"n": to.version.number}
    match choice.way:
        case Way.MOVE:
            _move_family(bite, journey, to, _("Goes on in version %(n)d.") % n)
        case Way.RESTART:
            note = _("Begins this step again in version %(n)d.") % n
            bite.end_below(journey, note, to.now)
            bite.keep(journey, RunOutcome.RETRIED, note, to.now)
            to.begins_at(journey, to.spots[journey.step_key])
        case Way.SKIP_TO:
            note = _("Left out from here on: version %(n)d goes on elsewhere.") % n
            bite.end_below(journey, note, to.now)
            bite.keep(journey, RunOutcome.SKIPPED, note, to.now)
            to.begins_at(journey, to.spots[choice.to])
        case Way.EXIT:
            bite.end_family(journey, _("Taken out when version %(n)d was published.") % n, to.now)


def _move_family(bite: _Bite, journey: JourneyRow, to: Move, note: str) -> None:
    """Branches move along where the new version still has their step in a branch of that fork."""
    for branch in bite.below.get(journey.id, ()):
        if to.has_place(branch, journey.step_key):
            _move_family(bite, branch, to, note)
        else:
            gone = _("Its step is gone from version %(n)d.") % {"n": to.version.number}
            bite.end_family(branch, gone, to.now)
    bite.keep(journey, RunOutcome.WAITING, note, to.now)
    to.goes_in(journey, to.spots[journey.step_key])
