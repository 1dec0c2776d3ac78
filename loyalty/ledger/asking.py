"""Questions of the audit, which take as long as the ledger is large."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction


def asked(query: str, *parameters: str | int) -> Iterator[tuple[Any, ...]]:
    """Its rows. Nobody waits for the answer, so the time of a statement is not limited."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(query, list(parameters))
        rows = cursor.fetchall()
    yield from rows
