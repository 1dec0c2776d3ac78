"""Room on its pages for rows that are updated all the time."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_room(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Every move updates a journey: with room on its page the new row stays on it. Counts for the
    pages written from now on."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE automations_journey SET (fillfactor = 85)")
