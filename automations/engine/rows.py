"""Writes what a batch did to the engine's own tables: the only code that does."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection

from automations.models import Counter, Decision, Enrolment, Journey, StepRun
from loyalty import bulk

if TYPE_CHECKING:
    from automations.engine.batch import Batch

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


def write(batch: "Batch") -> None:
    bulk.insert(Journey, batch.new_journeys)
    bulk.update(Journey, batch.moved_journeys, MOVED)
    bulk.insert(StepRun, batch.step_runs)
    batch.enrolments.sort(key=lambda row: (row.automation_id, row.thread, row.subject, row.key))
    bulk.insert(Enrolment, batch.enrolments)
    bulk.insert(Decision, batch.decisions)
    add_to_counters(batch, batch.desk.now)


def add_to_counters(batch: "Batch", now: datetime) -> None:
    """One upsert for the batch; rows are by shard, so no two pumps meet on one."""
    if not batch.tally:
        return
    values: list[int | str | date] = []
    for (automation, step_key, metric, shard), n in sorted(batch.tally.items()):
        values += (automation, step_key, metric, now.date(), shard, n)
    table = Counter._meta.db_table
    one = "(%s, %s, %s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (automation_id, step_key, metric, day, shard, n) VALUES "
            + ", ".join([one] * len(batch.tally))
            + " ON CONFLICT (automation_id, step_key, metric, day, shard) "
            f"DO UPDATE SET n = {table}.n + excluded.n",
            values,
        )
