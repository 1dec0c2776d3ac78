"""Set-based writes in both dialects: COPY and unnest on PostgreSQL, executemany on SQLite.

A tool, not a writer: each table's owner calls it with its own rows. COPY passes by Django's
`execute_wrapper`, so whoever counts statements must count it here (`copies`).
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, connections, models

# Below this many rows one INSERT is as fast as COPY.
COPY_FROM = 8
# PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766.
MOST_PARAMETERS = 30_000

copies = 0


def ids(model: type[models.Model], n: int) -> list[int]:
    """`n` primary keys of that table that nobody else will be given; gaps are harmless."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [f'"{table}"', n],
            )
            return [int(row[0]) for row in cursor.fetchall()]
        # AUTOINCREMENT never gives out a key at or below this number. We hold the write lock.
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [n, table]
        )
        found = cursor.fetchone()
        if found is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, n])
        last = int(found[0]) if found else n
    return list(range(last - n + 1, last + 1))


def insert(
    model: type[models.Model], rows: Sequence[models.Model], *, ignore_conflicts: bool = False
) -> int:
    """Insert the rows and say how many were new; gives each row without one its primary key.

    With `ignore_conflicts` a row whose unique key exists is left out (its object then carries a
    primary key that is not in the table); sort by that key first, or two writers may deadlock.
    """
    if not rows:
        return 0
    nameless = [row for row in rows if row.pk is None]
    for row, pk in zip(nameless, ids(model, len(nameless)) if nameless else [], strict=True):
        row.pk = pk
    fields = model._meta.concrete_fields
    columns = [_prepared(field, rows) for field in fields]
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias
    if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
        if ignore_conflicts:
            return _insert_from_unnest(model, fields, columns)
        _copy(model, fields, columns)
        return len(rows)
    return _insert(model, fields, list(zip(*columns, strict=True)), ignore_conflicts)


def _copy(
    model: type[models.Model], fields: "Sequence[models.Field[Any, Any]]", columns: list[list[Any]]
) -> None:
    global copies
    copies += 1
    statement = f"COPY {_table(model)} ({_columns(fields)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)


def _insert_from_unnest(
    model: type[models.Model], fields: "Sequence[models.Field[Any, Any]]", columns: list[list[Any]]
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table(model)} ({_columns(fields)}) "
            f"SELECT * FROM unnest({_arrays(fields)}) ON CONFLICT DO NOTHING",
            columns,
        )
        return int(cursor.rowcount)


def _insert(
    model: type[models.Model],
    fields: "Sequence[models.Field[Any, Any]]",
    values: list[tuple[Any, ...]],
    ignore_conflicts: bool,
) -> int:
    made = 0
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    one = f"({', '.join(['%s'] * len(fields))})"
    chunk = MOST_PARAMETERS // len(fields)
    with connection.cursor() as cursor:
        for start in range(0, len(values), chunk):
            part = values[start : start + chunk]
            cursor.execute(
                f"INSERT INTO {_table(model)} ({_columns(fields)}) VALUES "
                + ", ".join([one] * len(part))
                + tail,
                [value for row in part for value in row],
            )
            made += cursor.rowcount
    return made


def update(model: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write those fields of rows that exist, in one statement on PostgreSQL."""
    if not rows:
        return
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    key = model._meta.pk
    ordered = sorted(rows, key=lambda row: row.pk)
    if connection.vendor == "postgresql":
        _update_from_unnest(model, [key, *fields], ordered)
        return
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = list(zip(*(_prepared(field, ordered) for field in [*fields, key]), strict=True))
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE {_table(model)} SET {assignments} WHERE "{key.column}" = %s', values
        )


def _update_from_unnest(
    model: type[models.Model],
    fields: "Sequence[models.Field[Any, Any]]",
    rows: Sequence[models.Model],
) -> None:
    columns = [field.column for field in fields]
    assignments = ", ".join(f'"{name}" = u."{name}"' for name in columns[1:])
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} t SET {assignments} "
            f"FROM unnest({_arrays(fields)}) AS u ({names}) "
            f'WHERE t."{columns[0]}" = u."{columns[0]}"',
            [_prepared(field, rows) for field in fields],
        )


def _arrays(fields: "Sequence[models.Field[Any, Any]]") -> str:
    """A place for each column. Without lengths: a cast would cut what the table refuses."""
    types = [
        field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
        for field in fields
    ]
    return ", ".join(f"%s::{(each or '').partition('(')[0]}[]" for each in types)


def _prepared(field: "models.Field[Any, Any]", rows: Sequence[models.Model]) -> list[Any]:
    """One column of all rows. Our own connection, not Django's proxy, which is asked very often."""
    own, name = connections[connection.alias], field.attname
    return [field.get_db_prep_save(getattr(row, name), own) for row in rows]


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(fields: "Sequence[models.Field[Any, Any]]") -> str:
    return ", ".join(f'"{field.column}"' for field in fields)
