"""Takes indexes away without making their tables anew, which on SQLite would lose their triggers."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def drop_indexes(editor: BaseDatabaseSchemaEditor, columns: Iterable[tuple[str, str]]) -> None:
    """Drop what Django made by itself: each plain index of exactly one of these (table, column)."""
    for table, column in columns:
        with editor.connection.cursor() as cursor:
            found: dict[str, dict[str, Any]]
            found = editor.connection.introspection.get_constraints(cursor, table)
        for name, about in found.items():
            is_plain = about["index"] and not about["unique"] and not about["primary_key"]
            if is_plain and about["columns"] == [column]:
                editor.execute(f"DROP INDEX {editor.quote_name(name)}")
