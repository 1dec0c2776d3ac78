"""A lot begins without a move: one that would only repeat its lot is refused."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = "loyalty_move_never_begins_a_lot"
WORDS = "a lot begins by itself; a move says what became of it later"
BEGINS = "SELECT 1 FROM loyalty_lot WHERE id = NEW.lot_id AND entry_id = NEW.entry_id"
ON_POSTGRESQL = (
    f"""
    CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS ({BEGINS}) THEN RAISE EXCEPTION '{WORDS}'; END IF;
        RETURN NEW;
    END $$""",
    f"""
    CREATE TRIGGER {GUARD} BEFORE INSERT ON loyalty_move
    FOR EACH ROW EXECUTE FUNCTION {GUARD}()""",
)
ON_SQLITE = (
    f"""
    CREATE TRIGGER {GUARD} BEFORE INSERT ON loyalty_move WHEN EXISTS ({BEGINS})
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END""",
)


def guard(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Whatever of the code before still runs is refused, and writes nothing."""
    for statement in ON_POSTGRESQL if editor.connection.vendor == "postgresql" else ON_SQLITE:
        editor.execute(statement)


def unguard(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER {GUARD} ON loyalty_move")
        editor.execute(f"DROP FUNCTION {GUARD}()")
    else:
        editor.execute(f"DROP TRIGGER {GUARD}")
