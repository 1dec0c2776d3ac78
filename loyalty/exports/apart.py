"""Keeps asking for an export apart from erasing customers, so that each erasure sees each export.

An erasure deletes the files that it finds. One that was asked for while an erasure was not yet
committed would not be found, and could still read who is being erased. SQLite needs nothing of
this: there whoever writes is alone.
"""

from django.db import connection

LOCK = (78, 0)  # among PostgreSQL's advisory locks; the pump's have another first number


def hold_still() -> None:
    """Let no export be asked for until this transaction, which erases somebody, ends. Before
    customers are locked."""
    _lock("pg_advisory_xact_lock_shared")


def wait_for_erasures() -> None:
    """Those that are on their way; others wait until this transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(how: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}(%s, %s)", LOCK)
