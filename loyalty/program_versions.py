"""The database gives a program another `version` with each change of its rows, whoever makes it.

Triggers, so that no writer can forget it: what a process remembers of a program under a version
(`loyalty.program_memory`) is what stands in the tables. A version is a random number and never
comes again, not even where the change that brought it was rolled back.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from loyalty.models import HappyHour, Program, Rate, Reward

# What belongs to a program and is remembered with it.
PARTS: tuple[type[models.Model], ...] = (Reward, Rate, HappyHour)

FUNCTIONS = """
CREATE OR REPLACE FUNCTION loyalty_new_program_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := 1 + floor(random() * 9007199254740991)::bigint;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION loyalty_change_program() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touch text;
BEGIN
  touch := format('UPDATE loyalty_program SET version = 0 WHERE id = ($1).%I', TG_ARGV[0]);
  IF TG_OP <> 'INSERT' THEN EXECUTE touch USING OLD; END IF;
  IF TG_OP <> 'DELETE' THEN EXECUTE touch USING NEW; END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION loyalty_change_programs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE loyalty_program SET version = 0;
  RETURN NULL;
END $$
"""
NAMED = "_has_changed"
RANDOM = "UPDATE loyalty_program SET version = abs(random() >> 1) + 1 WHERE id IN"


def unwatch(*, using: str, plan: Sequence[Any] = (), **_more: Any) -> None:
    """Before a migration: SQLite refuses to make a table anew that triggers of others name. Until
    `watch` makes them again, no program is remembered."""
    connection = connections[using]
    if not plan or not _tables(connection):
        return
    ours = [each for each in _there(connection).items() if NAMED in each[0]]
    with transaction.atomic(using), connection.cursor() as cursor:
        for name, table in ours:
            cursor.execute(f"DROP TRIGGER {name}{_on(connection, table)}")
        cursor.execute("UPDATE loyalty_program SET version = 0")


def watch(*, using: str, **_more: Any) -> None:
    """Make the triggers that are not there; may be repeated.

    After every `migrate` and not in a migration: one that changes these tables does so without
    them, and a new type of card brings a table of its own.
    """
    connection = connections[using]
    tables = _tables(connection)
    there = _there(connection)
    missing = [each for each in _triggers(connection.vendor, tables) if each[0] not in there]
    if not missing:
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTIONS)
        for _name, statement in missing:
            cursor.execute(statement)
        cursor.execute("UPDATE loyalty_program SET version = 0")  # whose change nobody saw


def _tables(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Each table of which a change counts, with its column that names the program; none before the
    migration that brings the version."""
    program = Program._meta.db_table
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if program not in there:
            return []
        columns = connection.introspection.get_table_description(cursor, program)
    if "version" not in {each.name for each in columns}:
        return []
    types = [
        (each._meta.db_table, str(each._meta.pk.column))
        for each in apps.get_models()
        if issubclass(each, Program) and not each._meta.proxy
    ]
    parts = [(each._meta.db_table, "program_id") for each in PARTS]
    return [each for each in (*types, *parts) if each[0] in there]


def _there(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers that the database has, each with its table."""
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
            if on_postgresql
            else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        )
        return dict(cursor.fetchall())


def _on(connection: BaseDatabaseWrapper, table: str) -> str:
    return f" ON {table}" if connection.vendor == "postgresql" else ""


def _triggers(vendor: str, tables: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(name, what makes it)"""
    for table, column in tables:
        is_program = table == Program._meta.db_table
        if vendor == "postgresql":
            name = f"{table}{NAMED}"
            when = "BEFORE INSERT OR UPDATE" if is_program else "AFTER INSERT OR UPDATE OR DELETE"
            does = (
                "loyalty_new_program_version()"
                if is_program
                else f"loyalty_change_program('{column}')"
            )
            yield (
                name,
                f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {does}",
            )
            if not is_program:
                # Of its rows, TRUNCATE tells nobody.
                yield (
                    f"{name}_whole",
                    f"CREATE TRIGGER {name}_whole AFTER TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION loyalty_change_programs()",
                )
            continue
        for verb, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
            if is_program and verb == "delete":
                continue
            name = f"{table}{NAMED}_by_{verb}"
            which = ", ".join(f"{row}.{column}" for row in rows)
            # Its own update does not set it off again: recursive triggers are off.
            yield (
                name,
                f"CREATE TRIGGER {name} AFTER {verb} ON {table} BEGIN {RANDOM} ({which}); END",
            )
