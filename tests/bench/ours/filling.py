"""Very many rows into tables: on PostgreSQL two at a time, without their indexes, which are built
again afterwards; that is six times as fast."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing import get_context

from django.db import connection, connections, transaction

AT_ONCE = 2

# What a table has besides its primary key: constraints with an index, and plain indexes.
INDEXES = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
                  c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c WHERE c.contype = 'u' AND c.conrelid = %s::regclass
    UNION ALL
    SELECT format('DROP INDEX %%I', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f'
    WHERE c.oid IS NULL AND i.indrelid = %s::regclass"""
# Keys to other tables are not checked one by one: the copies are right, or the audit finds out.
IN_A_HURRY = (
    "SET session_replication_role = replica",
    "SET maintenance_work_mem = '512MB'",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
)


def fill(inserts: dict[str, list[str]]) -> None:
    """Run the statements of each table."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            run(statement for statements in inserts.values() for statement in statements)
        run(["ANALYZE"])
        return
    largest_first = sorted(inserts, key=lambda table: -len(inserts[table]))
    at_once([partial(_fill, table, inserts[table]) for table in largest_first])


def _fill(table: str, inserts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [table, table])
        indexes = cursor.fetchall()
    run(IN_A_HURRY)
    run(drop for drop, _build in indexes)
    run(inserts)
    run([f"VACUUM ANALYZE {table}"])
    run(build for _drop, build in indexes)


def run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """All of them, two at a time, each thread with a connection of its own; raises what one did."""
    left, failed = list(jobs)[::-1], list[Exception]()

    def work() -> None:
        try:
            while left and not failed:
                left.pop()()
        except Exception as error:  # noqa: BLE001 (raised below, by the thread that waits)
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def in_parts(work: Callable[[range], None], count: int) -> None:
    """That many, shared between two processes."""
    connections.close_all()
    half = count // AT_ONCE + 1
    parts = [range(first, min(first + half, count)) for first in range(0, count, half)]
    processes = [get_context("fork").Process(target=work, args=(part,)) for part in parts]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise AssertionError(f"a part ended with {process.exitcode}")
