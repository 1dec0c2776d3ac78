"""What a batch did to the engine's own tables, and the only code that writes it."""

from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from automations.models import Counter, Decision, Enrolment, Journey, StepRun
from loyalty import bulk

MOVED = (
    "step_key",
    "is_inside",
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
    moved_journeys: list[Journey] = field(default_factory=list)
    step_runs: list[StepRun] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    tally: Tally[tuple[int, str, str, int]] = field(default_factory=Tally)

    def count(self, journey: Journey, step_key: str, metric: str) -> None:
        """One more of that metric, for the automation (no step key) or one of its steps."""
        self.tally[journey.automation_id, step_key, metric, journey.shard] += 1

    def write(self, now: datetime) -> None:
        bulk.insert(Journey, self.new_journeys)
        bulk.update(Journey, self.moved_journeys, MOVED)
        bulk.insert(StepRun, self.step_runs)
        self.enrolments.sort(key=lambda row: (row.automation_id, row.thread, row.subject, row.key))
        bulk.insert(Enrolment, self.enrolments)
        bulk.insert(Decision, self.decisions)
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
