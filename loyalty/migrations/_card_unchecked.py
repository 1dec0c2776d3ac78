"""An operation's card is not checked by the database."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def drop_constraint(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """To check an operation's card PostgreSQL locks that card, which writes to its page. The card is
    checked anyway: its account names it, and every entry its account. (On SQLite a check costs
    nothing, and to drop it would remake the table without its triggers.)"""
    if editor.connection.vendor == "postgresql":
        operation = apps.get_model("loyalty", "Operation")
        for name in editor._constraint_names(operation, ["card_id"], foreign_key=True):
            editor.execute(editor._delete_fk_sql(operation, name))


def make_constraint(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        operation = apps.get_model("loyalty", "Operation")
        card = operation._meta.get_field("card")
        editor.execute(editor._create_fk_sql(operation, card, "_fk_%(to_table)s_%(to_column)s"))
