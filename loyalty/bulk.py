"""Set-based writes in both dialects: COPY and unnest on PostgreSQL, executemany on SQLite.

A tool, not a writer: each table's owner calls it with its own rows. COPY passes by Django's
`execute_wrapper`, so whoever counts statements must count it here (`copies`).

A row is anything that has the table's columns as attributes under their `attname` (`card_id`): a
model's instance, or a light one (a dataclass with slots) where nobody needs a model, which takes
ten times as long to make. All rows of a call are of one class. What a light class does not name is
left to the database, and so are their numbers where they have none: what may be empty is empty.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any

from django.db import IntegrityError, connection, connections, models, transaction

_TO_ESCAPE = re.compile(r'[\\"]')

# Below this many rows one INSERT is as fast as COPY.
COPY_FROM = 8

# What the drivers write just as the field would. Anything else is for the field to turn into what
# it should be, or to refuse: SQLite would store whatever it is given.
PLAIN: dict[type, type] = {
    **dict.fromkeys([models.CharField, models.SlugField, models.TextField], str),
    **dict.fromkeys([models.BigAutoField, models.BigIntegerField, models.IntegerField], int),
    **dict.fromkeys([models.PositiveIntegerField, models.PositiveSmallIntegerField], int),
    models.BooleanField: bool,
}

Fields = Sequence["models.Field[Any, Any]"]

copies = 0


# --- Numbers --------------------------------------------------------------------------------------


def ids(model: type[models.Model], n: int) -> list[int]:
    """`n` primary keys of that table that nobody else will be given; gaps are harmless."""
    return ids_of([model], n)[0]


def ids_of(tables: Sequence[type[models.Model]], n: int) -> list[list[int]]:
    """The same for several tables, in their order and in one statement."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Each sequence is looked up once, and not again for each number.
            found = [
                f"pg_get_serial_sequence(%s, 'id')::regclass AS s{i}" for i in range(len(names))
            ]
            drawn = [f"nextval(s{i})" for i in range(len(names))]
            cursor.execute(
                f"SELECT {', '.join(drawn)} FROM (SELECT {', '.join(found)} OFFSET 0) s, "
                "generate_series(1, %s)",
                [*(f'"{name}"' for name in names), n],
            )
            return [list(numbers) for numbers in zip(*cursor.fetchall(), strict=True)]
        # AUTOINCREMENT never gives out a key at or below these numbers. We hold the write lock.
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = seq + %s "
            f"WHERE name IN ({', '.join(['%s'] * len(names))}) RETURNING name, seq",
            [n, *names],
        )
        last = dict(cursor.fetchall())
        for name in names:
            if name not in last:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, n])
    return [list(range(last.get(name, n) - n + 1, last.get(name, n) + 1)) for name in names]


# --- Inserting ------------------------------------------------------------------------------------


def insert(
    model: type[models.Model], rows: Sequence[Any], *, ignore_conflicts: bool = False
) -> int:
    """Insert the rows and say how many were new; gives each model without one its primary key.

    With `ignore_conflicts` a row whose unique key exists is left out (its object then carries a
    primary key that is not in the table); sort by that key first, or two writers may deadlock.
    """
    if not rows:
        return 0
    fields = _fields(model, rows[0].__class__)
    if isinstance(rows[0], models.Model):
        _number(model, rows)
    elif getattr(rows[0], model._meta.pk.attname, None) is None:
        fields = [field for field in fields if not field.primary_key]
    columns = _columns(fields, rows)
    if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
        return (
            _copy_new(model, fields, columns) if ignore_conflicts else _copy(model, fields, columns)
        )
    return _insert(model, fields, list(zip(*columns, strict=True)), ignore_conflicts)


def _number(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    nameless = [row for row in rows if row.pk is None]
    for row, pk in zip(nameless, ids(model, len(nameless)) if nameless else [], strict=True):
        row.pk = pk
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


def _copy_new(model: type[models.Model], fields: Fields, columns: list[Sequence[Any]]) -> int:
    """Mostly no key is there yet, so COPY is tried first: INSERT takes twice as long."""
    try:
        with transaction.atomic():
            return _copy(model, fields, columns)
    except IntegrityError:
        return _insert_from_unnest(model, fields, columns)


def _copy(model: type[models.Model], fields: Fields, columns: list[Sequence[Any]]) -> int:
    global copies
    copies += 1
    statement = f"COPY {_table(model)} ({_names(fields)}) FROM STDIN"
    # What COPY refuses is raised by the block, which Django does not watch.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in zip(*columns, strict=True):
            copy.write_row(row)
    return len(columns[0])


def _insert_from_unnest(
    model: type[models.Model], fields: Fields, columns: list[Sequence[Any]]
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table(model)} ({_names(fields)}) "
            f"SELECT * FROM unnest({_arrays(fields)}) ON CONFLICT DO NOTHING",
            [_array(column) for column in columns],
        )
        return int(cursor.rowcount)


def _insert(
    model: type[models.Model], fields: Fields, values: list[tuple[Any, ...]], ignore_conflicts: bool
) -> int:
    """A few rows on PostgreSQL, in one statement; any number on SQLite, one after the other: there
    Django takes longer over a statement with a thousand places than SQLite over its rows."""
    one = f"({', '.join(['%s'] * len(fields))})"
    start = f"INSERT INTO {_table(model)} ({_names(fields)}) VALUES "
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            places = ", ".join([one] * len(values))
            cursor.execute(start + places + tail, [value for row in values for value in row])
        else:
            cursor.executemany(start + one + tail, values)
        return int(cursor.rowcount)


# --- Updating -------------------------------------------------------------------------------------


def update(model: type[models.Model], rows: Sequence[Any], names: Sequence[str]) -> None:
    """Write those fields of rows that exist, in one statement on PostgreSQL."""
    if not rows:
        return
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    key = model._meta.pk
    ordered = sorted(rows, key=attrgetter(key.attname))
    if connection.vendor == "postgresql":
        _update_from_unnest(model, [key, *fields], ordered)
        return
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = list(zip(*_columns([*fields, key], ordered), strict=True))
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE {_table(model)} SET {assignments} WHERE "{key.column}" = %s', values
        )


def _update_from_unnest(model: type[models.Model], fields: Fields, rows: Sequence[Any]) -> None:
    columns = [field.column for field in fields]
    assignments = ", ".join(f'"{name}" = u."{name}"' for name in columns[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} t SET {assignments} "
            f"FROM unnest({_arrays(fields)}) AS u ({_names(fields)}) "
            f'WHERE t."{columns[0]}" = u."{columns[0]}"',
            [_array(column) for column in _columns(fields, rows)],
        )


def _arrays(fields: Fields) -> str:
    """A place for each column. Without lengths: a cast would cut what the table refuses."""
    types = [
        field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
        for field in fields
    ]
    return ", ".join(f"%s::{(each or '').partition('(')[0]}[]" for each in types)


def _array(column: Sequence[Any]) -> str:
    """The column as PostgreSQL writes an array; psycopg takes three times as long for a list."""
    kinds = set(map(type, column))
    if kinds == {int}:
        return f"{{{','.join(map(str, column))}}}"
    if kinds == {str} and not _TO_ESCAPE.search("".join(column)):
        return '{"' + '","'.join(column) + '"}'
    return f"{{{','.join(map(_quoted, column))}}}"


def _quoted(value: object) -> str:
    if value is None:
        return "NULL"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- Columns --------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _fields(model: type[models.Model], row: type) -> Fields:
    """The columns that rows of this class have."""
    return [field for field in model._meta.concrete_fields if hasattr(row, field.attname)]


def _columns(fields: Fields, rows: Sequence[Any]) -> list[Sequence[Any]]:
    # Our own connection, not Django's proxy, which is asked very often.
    own = connections[connection.alias]
    values = zip(*map(attrgetter(*(field.attname for field in fields)), rows), strict=True)
    return [_prepared(field, column, own) for field, column in zip(fields, values, strict=True)]


def _prepared(field: "models.Field[Any, Any]", column: Sequence[Any], own: Any) -> Sequence[Any]:
    """A column as the driver takes it. An object that stands in many rows is prepared once."""
    plain = PLAIN.get(type(_referred(field)))
    if plain and set(map(type, column)) <= {plain, NoneType}:
        return column
    ready = _preparer(field, own)
    which = list(map(id, column))
    objects = dict(zip(which, column, strict=True))
    if len(objects) == 1:
        return [ready(column[0])] * len(column)
    prepared = {each: ready(value) for each, value in objects.items()}
    return list(map(prepared.__getitem__, which))


def _preparer(field: "models.Field[Any, Any]", own: Any) -> Callable[[Any], Any]:
    """What makes a value ready for the driver."""
    if isinstance(field, models.JSONField):
        encode = (field.encoder or json.JSONEncoder)().encode
        return lambda value: None if value is None else encode(value)

    def prepare(value: Any) -> Any:
        ready = field.get_db_prep_save(value, own)
        return str(ready) if isinstance(ready, datetime) else ready

    return prepare


def _referred(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    """The field itself; of a foreign key the one it points at."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _names(fields: Fields) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)
