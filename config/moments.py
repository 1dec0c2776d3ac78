"""Moments as PostgreSQL sends them, read by Python's own parser.

Django puts each into its zone in a class of its own, for which psycopg leaves its C code: 2.6 µs
for each of the ten that a journey's batch reads. This takes a tenth of that.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.psycopg_any import BaseTzLoader


class UtcLoader(BaseTzLoader):
    """What Python does not know (`infinity`, years of five digits) is left to psycopg to refuse."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            moment = super().load(data)
        return moment.astimezone(UTC)


def read_quickly(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    """For the signal `connection_created`; a connection of another time zone stays as it is."""
    if connection.vendor == "postgresql" and connection.timezone == UTC:
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)
