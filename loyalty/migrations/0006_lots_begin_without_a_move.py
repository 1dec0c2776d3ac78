from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from loyalty.migrations._dropping import drop_indexes

# Each of these is the beginning of another index, or empty in almost every row.
COLUMNS = [
    ("loyalty_account", "card_id"),
    ("loyalty_lot", "account_id"),
    ("loyalty_operation", "order_id"),
]
NEVER_DELETED = ("loyalty_move_is_never_deleted", "loyalty_move", "DELETE")
DELETE = """
    DELETE FROM loyalty_move WHERE EXISTS (
        SELECT 1 FROM loyalty_lot l
        WHERE l.id = loyalty_move.lot_id AND l.entry_id = loyalty_move.entry_id)"""
INSERT = """
    INSERT INTO loyalty_move (entry_id, lot_id, delta)
    SELECT entry_id, id, amount FROM loyalty_lot"""


def drop(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    drop_indexes(editor, COLUMNS)


def forget_beginnings(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """A move that only repeats what its lot says goes; that is the one time a move is deleted."""
    vendor = editor.connection.vendor
    guards = import_module("loyalty.migrations.0002_ledger_rows_stay")
    name, table, _verb = NEVER_DELETED
    editor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else ""))
    editor.execute(DELETE)
    editor.execute(guards.trigger(vendor, *NEVER_DELETED))


def remember_beginnings(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(INSERT)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_rows_that_tell_are_not_checked")]

    operations = [
        migrations.RunPython(forget_beginnings, remember_beginnings),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="card",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="loyalty.card",
                    ),
                ),
                migrations.AlterField(
                    model_name="lot",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="loyalty.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="operation",
                    name="order",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="loyalty.order",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                condition=models.Q(("order__isnull", False)),
                fields=["order"],
                name="operation_by_order",
            ),
        ),
    ]
