"""Turns a table of history into one by the month, while pumps write to it (PostgreSQL).

Nothing is copied: what is there becomes the first part, from the beginning until the turn of a
month to come. What takes long (an index by number and moment, a look at every row) is done beside
the pumps; the exchange itself holds the table for some hundredths of a second.

Killed in the middle, it leaves a table that works, but one that takes no row from that turn of the
month on: it is at least a week away, and doing it again is all that is needed.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.utils.translation import gettext as _

from automations.engine import months
from automations.models import Sweep
from loyalty.errors import IllegalOperation

log = logging.getLogger(__name__)

AT_LEAST = timedelta(days=7)
TRIES = 60
PAUSE = 0.5  # seconds, so that those who waited behind us get their turn


class Part(NamedTuple):
    name: str
    definition: str


def divide(model: type[models.Model], now: datetime) -> bool:
    """By the month from now on; False where it is already. Raises IllegalOperation, and then it is
    as it was. Repeatable; not in a transaction."""
    if months.is_divided(model):
        return False
    table = model._meta.db_table
    until = _turn_of_the_month(now)
    index, check = f"{table}_by_id_and_at", f"{table}_until"
    try:
        with _all_the_time_it_takes():
            _run(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")  # of a try that was killed
            _run(f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {table} (id, at)")
            _in_a_gap(lambda: _bound(table, check, until))
            _run(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")
        _in_a_gap(lambda: _exchange(model, index, check, until))
    except IntegrityError:
        raise IllegalOperation(
            _("%(table)s holds rows of %(until)s or later: wait until then.")
            % {"table": table, "until": f"{until:%Y-%m-%d}"}
        ) from None
    finally:
        if not months.is_divided(model):
            _in_a_gap(lambda: _run(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}"))
    return True


def keep_from_now_on(now: datetime) -> None:
    """Make the months to come, and let housekeeping see to them every day."""
    for model in months.TABLES:
        months.make_ahead(model, now)
    Sweep.objects.update_or_create(name=months.NAME, defaults={"again_at": now})


def _turn_of_the_month(now: datetime) -> datetime:
    turn = months.following(months.first_of(now))
    return turn if turn - now > AT_LEAST else months.following(turn)


def _bound(table: str, check: str, until: datetime) -> None:
    _run(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}")
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK (at < '{until.isoformat()}') NOT VALID")


def _exchange(model: type[models.Model], index: str, check: str, until: datetime) -> None:
    """The table steps back and becomes a part of one that takes its name, its keys and indexes."""
    table = model._meta.db_table
    before = f"{table}_before_{until:%Y_%m}"
    _run(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    key, *_others = _constraints(table, "p")
    foreign = _constraints(table, "f")
    indexes = [each for each in _indexes(table) if each.name not in (key.name, index)]
    following = _following_number(table)
    sequence = f"{table}_id_seq"
    _run(
        f"ALTER TABLE {table} ALTER id DROP IDENTITY",
        f"ALTER TABLE {table} DROP CONSTRAINT {key.name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {index} PRIMARY KEY USING INDEX {index}",
        *(f"ALTER INDEX {each.name} RENAME TO {each.name[:56]}_before" for each in indexes),
        f"ALTER TABLE {table} RENAME TO {before}",
        f"CREATE TABLE {table} (LIKE {before} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
        "INCLUDING STORAGE) PARTITION BY RANGE (at)",
        f"ALTER TABLE {table} DROP CONSTRAINT {check}",
        f"ALTER TABLE {table} ADD CONSTRAINT {key.name} PRIMARY KEY (id, at)",
        # Not an identity: before PostgreSQL 17 a divided table cannot have one.
        f"CREATE SEQUENCE {sequence} START {following} OWNED BY {table}.id",
        f"ALTER TABLE {table} ALTER id SET DEFAULT nextval('{sequence}')",
        *(each.definition for each in indexes),
        *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}" for name, words in foreign),
        f"ALTER TABLE {table} ATTACH PARTITION {before} "
        f"FOR VALUES FROM (MINVALUE) TO ('{until.isoformat()}')",
        f"CREATE TABLE {months.others_of(model)} PARTITION OF {table} DEFAULT",
        f"ALTER TABLE {before} DROP CONSTRAINT {check}",
    )


def _constraints(table: str, kind: str) -> list[Part]:
    return _ask(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = to_regclass(%s) AND contype = %s ORDER BY conname",
        table,
        kind,
    )


def _indexes(table: str) -> list[Part]:
    return _ask(
        "SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c "
        "ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(%s) ORDER BY c.relname",
        table,
    )


def _following_number(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        return int(cursor.fetchone()[0])


def _ask(question: str, *values: str) -> list[Part]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [Part(*row) for row in cursor.fetchall()]


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _in_a_gap(change: Callable[[], None]) -> None:
    """In a transaction, once the table is free. While we wait for it others wait behind us, so not
    for long, and then again. Raises OperationalError after `TRIES`."""
    for turn in range(1, TRIES + 1):
        try:
            with transaction.atomic(durable=True):
                _run(f"SET LOCAL lock_timeout = '{months.LOCK_WAIT}'")
                change()
        except OperationalError:
            if turn == TRIES:
                raise
            log.info("the table is in use; trying again")
            time.sleep(PAUSE)
        else:
            return


@contextmanager
def _all_the_time_it_takes() -> Iterator[None]:
    """No limits: these statements hold nobody up."""
    _run("SET statement_timeout = 0", "SET lock_timeout = 0")
    try:
        yield
    finally:
        _run("RESET statement_timeout", "RESET lock_timeout")
