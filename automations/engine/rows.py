"""What a batch did to the engine's own tables, and the only code that writes it."""

from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection
from django.utils.translation import gettext as _

from automations.engine import journeys
from automations.models import Counter, Decision, Enrolment, Journey, StepRun
from loyalty import bulk

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


@dataclass
class Rows:
    new_journeys: list[Journey] = field(default_factory=list)
    moved_journeys: dict[int, Journey] = field(default_factory=dict)
    step_runs: list[StepRun] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # Journeys one of whose branches ended, and journeys that ended while branches of theirs walked.
    ended_branches: set[int] = field(default_factory=set)
    orphaned: list[int] = field(default_factory=list)
    tally: Tally[tuple[int, str, str, int]] = field(default_factory=Tally)
    draws: int = 8
    _ids: list[int] = field(default_factory=list)

    def draw(self) -> int:
        """The primary key of a journey that is yet to be written."""
        if not self._ids:
            self._ids = bulk.ids(Journey, self.draws)[::-1]
        return self._ids.pop()

    def moved(self, journey: Journey) -> None:
        """It was there before this batch and is written by it."""
        self.moved_journeys[journey.pk] = journey

    def count(self, journey: Journey, step_key: str, metric: str) -> None:
        """One more of that metric, for the automation (no step key) or one of its steps."""
        self.tally[journey.automation_id, step_key, metric, journey.shard] += 1

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
        """One upsert for the batch; rows are by shard, so no two pumps meet on one."""
        values: list[int | str | date] = []
        for (automation, step_key, metric, shard), n in sorted(self.tally.items()):
            values += (automation, step_key, metric, day, shard, n)
        table = Counter._meta.db_table
        places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(self.tally))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (automation_id, step_key, metric, day, shard, n) "
                f"VALUES {places} "
                "ON CONFLICT (automation_id, step_key, metric, day, shard) "
                f"DO UPDATE SET n = {table}.n + excluded.n",
                values,
            )
