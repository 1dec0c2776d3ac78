"""History by the month (PostgreSQL, after `manage.py partition_history`): the months to come are
made ahead, those that are over are dropped whole, which costs nothing however many rows they hold.

A table so divided has its months, what was there before, and a part for rows of a moment that has
no month. Nothing else differs: rows are written, read and deleted as in any table.
"""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, connection, models, transaction

from automations.engine.journeys import INSIDE
from automations.models import Decision, Journey, StepRun

log = logging.getLogger(__name__)

NAME = "months"
TABLES: tuple[type[models.Model], ...] = (StepRun, Decision)
AHEAD = 2
# A pump waits for as long as we wait for the lock; better to come back another day.
LOCK_WAIT = "1s"
# Whether a month is needed; a worker's task must end within a minute.
LONGEST_LOOK = "45s"

_BOUND = re.compile(r"FOR VALUES FROM \((.+)\) TO \('(.+)'\)")


class Month(NamedTuple):
    """A part of a table: rows from `start` (None: from the beginning) until `end`."""

    table: str
    start: datetime | None
    end: datetime


def first_of(moment: datetime) -> datetime:
    """The first moment of its month, in UTC."""
    utc = moment.astimezone(UTC)
    return utc.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def following(month: datetime) -> datetime:
    return first_of(month + timedelta(days=32))


def is_divided(model: type[models.Model]) -> bool:
    if connection.vendor != "postgresql":
        return False
    found = _ask("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", _name(model))
    return bool(found and found[0][0])


def of(model: type[models.Model]) -> list[Month]:
    """Its months, oldest first."""
    found = _ask(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
        "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
        _name(model),
    )
    months = []
    for table, words in found:
        if bound := _BOUND.fullmatch(words):
            start = None if bound[1] == "MINVALUE" else datetime.fromisoformat(bound[1].strip("'"))
            months.append(Month(table, start, datetime.fromisoformat(bound[2])))
    return sorted(months, key=lambda month: month.end)


def whole(model: type[models.Model], before: datetime) -> datetime:
    """Until when rows are removed one by one: of what goes by the month, no month is begun."""
    return first_of(before) if is_divided(model) else before


def keep(now: datetime, before: datetime | None) -> int:
    """Make a month to come, or drop one that was over `before`, unless somebody still inside did
    something in it; says how many, at most one. A table that is locked for long is left alone."""
    for model in TABLES:
        if is_divided(model):
            try:
                with transaction.atomic():
                    if _make_next(model, now) or (before and _drop_next(model, before)):
                        return 1
            except DatabaseError:
                log.exception("the months of %s could not be kept", _name(model))
    return 0


def make_ahead(model: type[models.Model], now: datetime) -> int:
    """This month and the next two, as far as they are not there; says how many were made."""
    made = 0
    while _make_next(model, now):
        made += 1
    return made


def _make_next(model: type[models.Model], now: datetime) -> bool:
    end, last = max(month.end for month in of(model)), first_of(now)
    for _month in range(AHEAD):
        last = following(last)
    if end > last:
        return False
    _make(model, end)
    return True


def _make(model: type[models.Model], start: datetime) -> None:
    """Attached, not made in place: that asks for the lighter lock. Rows that came before their
    month are in the part for others; there is seldom one."""
    table = _name(model)
    end = following(start)
    month = f"{table}_{start:%Y_%m}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        cursor.execute(
            f"CREATE TABLE {month} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        cursor.execute(
            f"WITH early AS (DELETE FROM {others_of(model)} WHERE at >= '{start.isoformat()}' "
            f"AND at < '{end.isoformat()}' RETURNING *) INSERT INTO {month} SELECT * FROM early"
        )
        cursor.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {month} "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )


def _drop_next(model: type[models.Model], before: datetime) -> bool:
    for month in of(model):
        # What takes long comes before the lock.
        if month.end <= before and not _is_needed(model, month):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                cursor.execute(f"DROP TABLE {month.table}")
            log.info("dropped %s", month.table)
            return True
    return False


def _is_needed(model: type[models.Model], month: Month) -> bool:
    """Whether somebody who is still inside, or a branch of theirs, did something in that month."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_LOOK}'")
        cursor.execute(_NEEDED[model].format(month=month.table))
        return bool(cursor.fetchone()[0])


def others_of(model: type[models.Model]) -> str:
    """The part for rows whose month is not there."""
    return f"{_name(model)}_other"


def _ask(question: str, *values: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def _name(model: type[models.Model]) -> str:
    return model._meta.db_table


_JOURNEY = _name(Journey)
_STATES = ", ".join(f"'{state.value}'" for state in INSIDE)
_NEEDED: dict[type[models.Model], str] = {
    StepRun: f"""
        WITH RECURSIVE inside (id) AS (
            SELECT id FROM {_JOURNEY} WHERE state IN ({_STATES})
            AND id <= (SELECT max(journey_id) FROM {{month}})
            UNION SELECT j.id FROM {_JOURNEY} j JOIN inside i ON j.parent_id = i.id
        ) SELECT EXISTS (SELECT 1 FROM inside JOIN {{month}} s ON s.journey_id = inside.id)""",
    Decision: f"""
        SELECT EXISTS (
            SELECT 1 FROM {{month}} d JOIN {_JOURNEY} j ON j.event_id = d.event_id
            AND j.automation_id = d.automation_id AND j.state IN ({_STATES})
        )""",
}
