"""What a batch did to the engine's own tables, and the only code that writes it."""

from collections import Counter as Counts
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from automations.engine import journeys
from automations.journey_row import JourneyRow
from automations.models import Counter, Decision, Enrolment, Journey, StepRun
from loyalty import bulk

# In one statement: SQLite takes 32,766 parameters.
MOST_COUNTERS = 5_000

MOVED = (
    "step_key",
    "is_inside",
    "awaits",
    "state",
    "due_at",
    "moves",
    "attempts",
    "data",
    "note",
    "ended_at",
)


@dataclass(slots=True)
class Ran:
    """A row of StepRun, which nobody needs as a model while it is written."""

    journey_id: int
    moves: int
    step_key: str
    type: str
    outcome: str
    note: str
    result: dict[str, Any]
    at: datetime


@dataclass(slots=True)
class Decided:
    """A row of Decision."""

    automation_id: int
    thread: str
    event_id: int
    customer_id: int | None
    verdict: str
    reason: str
    at: datetime


@dataclass(slots=True)
class Enrolled:
    """A row of Enrolment."""

    automation_id: int
    thread: str
    subject: str
    key: str
    at: datetime


@dataclass
class Rows:
    new_journeys: list[JourneyRow] = field(default_factory=list)
    moved_journeys: dict[int, JourneyRow] = field(default_factory=dict)
    step_runs: list[Ran] = field(default_factory=list)
    enrolments: list[Enrolled] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    # Journeys one of whose branches ended, and journeys that ended while branches of theirs walked.
    ended_branches: set[int] = field(default_factory=set)
    orphaned: list[int] = field(default_factory=list)
    tally: dict[tuple[int, str, str, int], int] = field(default_factory=dict)
    # For how many journeys of each automation a step failed.
    failed: dict[int, int] = field(default_factory=dict)
    # Journeys for which one that had failed before did so again, with their automations: they are
    # counted already.
    failed_again: dict[int, int] = field(default_factory=dict)
    # Whose handed-on steps failed here, by automation and shard: their journeys moved elsewhere.
    failed_for_others: set[tuple[int, int]] = field(default_factory=set)
    _draws: int = 4
    _ids: list[int] = field(default_factory=list)

    def draw(self) -> int:
        """The primary key of a journey that is yet to be written."""
        if not self._ids:
            self._ids = bulk.ids(Journey, self._draws)[::-1]
            self._draws = min(1024, self._draws * 4)
        return self._ids.pop()

    def moved(self, journey: JourneyRow) -> None:
        """It was there before this batch and is written by it."""
        self.moved_journeys[journey.id] = journey

    def count(self, journey: JourneyRow, step_key: str, metric: str) -> None:
        """One more of that metric, for the automation (no step key) or one of its steps."""
        place = journey.automation_id, step_key, metric, journey.shard
        self.tally[place] = self.tally.get(place, 0) + 1

    def hit(self, automation_id: int, metric: str, shard: int) -> None:
        """That limit of the automation was hit."""
        place = automation_id, "", metric, shard
        self.tally[place] = self.tally.get(place, 0) + 1

    def fail(self, journey: JourneyRow) -> None:
        """A step failed for it; asked before that is added to its attempts."""
        if journey.attempts:
            self.failed_again[journey.id] = journey.automation_id
            return
        failed = self.failed.get(journey.automation_id, 0)
        self.failed[journey.automation_id] = failed + 1

    def fail_for_others(self, journey: JourneyRow) -> None:
        """So did one that it had handed on."""
        self.fail(journey)
        self.count(journey, "", "failed")
        self.failed_for_others.add((journey.automation_id, journey.shard))

    def walked(self) -> dict[tuple[int, int], int]:
        """How many journeys moved, by automation and shard; not those that came no further."""
        journeys = {journey.id: journey for journey in self.new_journeys} | self.moved_journeys
        went = (each for pk, each in journeys.items() if pk not in self.failed_again)
        moved = Counts((each.automation_id, each.shard) for each in went)
        return dict.fromkeys(self.failed_for_others, 0) | moved

    def write(self, now: datetime) -> None:
        bulk.insert(Journey, self.new_journeys)
        bulk.update(Journey, list(self.moved_journeys.values()), MOVED)
        bulk.insert(StepRun, self.step_runs)
        self.enrolments.sort(key=lambda row: (row.automation_id, row.thread, row.subject, row.key))
        bulk.insert(Enrolment, self.enrolments)
        bulk.insert(Decision, self.decisions)
        if self.orphaned:
            journeys.stop_below(self.orphaned, _("The journey it belonged to ended."), now)
        if self.ended_branches:
            journeys.wake_parents(self.ended_branches, now)
        if self.tally:
            self._add_to_counters(now.date())

    def _add_to_counters(self, day: date) -> None:
        """Rows are by shard, so no two pumps meet on one."""
        add_to_counters(
            (automation, step_key, metric, day, shard, n)
            for (automation, step_key, metric, shard), n in self.tally.items()
        )


def add_to_counters(more: Iterable[tuple[int, str, str, date, int, int]]) -> None:
    """Automation, step, metric, day, shard, and by how much: one upsert, sorted by the key."""
    rows = sorted(more)
    table = Counter._meta.db_table
    with connection.cursor() as cursor:
        for start in range(0, len(rows), MOST_COUNTERS):
            part = rows[start : start + MOST_COUNTERS]
            places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(part))
            cursor.execute(
                f"INSERT INTO {table} (automation_id, step_key, metric, day, shard, n) "
                f"VALUES {places} "
                "ON CONFLICT (automation_id, step_key, metric, day, shard) "
                f"DO UPDATE SET n = {table}.n + excluded.n",
                [value for row in part for value in row],
            )
