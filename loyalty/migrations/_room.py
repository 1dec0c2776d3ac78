"""Room on its pages for rows that are updated all the time."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_room(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """An account is updated with every posting: with room on its page the new row stays beside the
    old one, and no index is written (a heap-only tuple). Counts for the pages written from now on."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE loyalty_account SET (fillfactor = 80)")
