from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from loyalty.migrations import _rows_stay
from loyalty.migrations._dropping import drop_indexes
from loyalty.migrations._lots_begin import guard, unguard

# The beginning of another index; looked up by for open lots alone; empty in almost every row.
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


def index_orders(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("CREATE INDEX loyalty_operation_order_id ON loyalty_operation (order_id)")


def _take_your_time(editor: BaseDatabaseSchemaEditor) -> None:
    """A large ledger takes longer than a statement otherwise may."""
    if editor.connection.vendor == "postgresql":
        editor.execute("SET LOCAL statement_timeout = 0")


def forget_beginnings(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """A move that only repeats what its lot says goes; that is the one time a move is deleted."""
    _take_your_time(editor)
    vendor = editor.connection.vendor
    name, table, _verb = NEVER_DELETED
    editor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else ""))
    editor.execute(DELETE)
    editor.execute(_rows_stay.trigger(vendor, *NEVER_DELETED))


def remember_beginnings(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    _take_your_time(editor)
    editor.execute(INSERT)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_rows_that_tell_are_not_checked")]

    operations = [
        migrations.RunPython(forget_beginnings, remember_beginnings),
        migrations.RunPython(guard, unguard),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, index_orders)],
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
