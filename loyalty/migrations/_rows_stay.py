"""Ledger rows are never edited or deleted: the database itself refuses."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NEVER_EDITED = ("loyalty_operation", "loyalty_entry", "loyalty_move")
NEVER_DELETED = (*NEVER_EDITED, "loyalty_lot")
WORDS = "ledger rows are never edited or deleted; reverse the operation"

POSTGRES_FUNCTION = f"""
CREATE FUNCTION loyalty_ledger_rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{WORDS}'; END $$
"""


def rules() -> list[tuple[str, str, str]]:
    """(trigger, table, what it refuses)"""
    edits = [(f"{table}_is_never_edited", table, "UPDATE") for table in NEVER_EDITED]
    deletes = [(f"{table}_is_never_deleted", table, "DELETE") for table in NEVER_DELETED]
    return edits + deletes


def trigger(vendor: str, name: str, table: str, verb: str) -> str:
    if vendor == "postgresql":
        return (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION loyalty_ledger_rows_stay()"
        )
    return f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(POSTGRES_FUNCTION)
    for name, table, verb in rules():
        schema_editor.execute(trigger(vendor, name, table, verb))


def unguard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on_table = schema_editor.connection.vendor == "postgresql"
    for name, table, _verb in rules():
        schema_editor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_table else ""))
    if on_table:
        schema_editor.execute("DROP FUNCTION loyalty_ledger_rows_stay()")
