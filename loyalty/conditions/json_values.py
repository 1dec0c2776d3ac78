"""Reading a value inside a JSON column as SQL of its type, the same way on both databases.

Django's own key transforms compare a text with a number on SQLite by SQLite's rules and on
PostgreSQL by those of jsonb, so that `"abc" > 5` is true. These are NULL where the value is of
another type, and a condition's answer is then the same as in Python.
"""

from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, Field, FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class _Inside(Func):
    """`key` names a member of the object in the column; its characters were checked before."""

    sqlite: ClassVar[str]
    postgresql: ClassVar[str]
    answers: ClassVar[type[Field]]

    def __init__(self, column: str, key: str) -> None:
        self.key = key
        super().__init__(column, output_field=self.answers())

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self.as_sql(compiler, connection, template=self.sqlite, key=self.key)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self.as_sql(compiler, connection, template=self.postgresql, key=self.key)


class TextAt(_Inside):
    answers = CharField
    sqlite = (
        "CASE WHEN json_type(%(expressions)s, '$.\"%(key)s\"') = 'text'"
        " THEN json_extract(%(expressions)s, '$.\"%(key)s\"') END"
    )
    postgresql = (
        "CASE WHEN jsonb_typeof(%(expressions)s -> '%(key)s') = 'string'"
        " THEN %(expressions)s ->> '%(key)s' END"
    )


class NumberAt(_Inside):
    answers = FloatField
    sqlite = (
        "CASE WHEN json_type(%(expressions)s, '$.\"%(key)s\"') IN ('integer', 'real')"
        " THEN json_extract(%(expressions)s, '$.\"%(key)s\"') END"
    )
    postgresql = (
        "CASE WHEN jsonb_typeof(%(expressions)s -> '%(key)s') = 'number'"
        " THEN (%(expressions)s ->> '%(key)s')::double precision END"
    )


class BooleanAt(_Inside):
    answers = BooleanField
    sqlite = (
        "CASE json_type(%(expressions)s, '$.\"%(key)s\"')"
        " WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
    )
    postgresql = (
        "CASE WHEN jsonb_typeof(%(expressions)s -> '%(key)s') = 'boolean'"
        " THEN (%(expressions)s ->> '%(key)s')::boolean END"
    )


class DateAt(_Inside):
    """A text that is a day there is, as it stands: such texts sort as their days do."""

    answers = CharField
    sqlite = (
        "CASE WHEN json_type(%(expressions)s, '$.\"%(key)s\"') = 'text'"
        " AND date(json_extract(%(expressions)s, '$.\"%(key)s\"'), '+0 days')"
        " = json_extract(%(expressions)s, '$.\"%(key)s\"')"
        " AND json_extract(%(expressions)s, '$.\"%(key)s\"') > '0001'"
        " THEN json_extract(%(expressions)s, '$.\"%(key)s\"') END"
    )
    # Two questions, one inside the other: only a text of that form can be taken apart.
    postgresql = (
        "CASE WHEN jsonb_typeof(%(expressions)s -> '%(key)s') = 'string'"
        " AND %(expressions)s ->> '%(key)s'"
        " ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'"
        " THEN CASE WHEN substr(%(expressions)s ->> '%(key)s', 9, 2)::int"
        " <= extract(day FROM make_date(substr(%(expressions)s ->> '%(key)s', 1, 4)::int,"
        " substr(%(expressions)s ->> '%(key)s', 6, 2)::int, 1)"
        " + interval '1 month' - interval '1 day')"
        " THEN %(expressions)s ->> '%(key)s' END END"
    )


class IsThere(_Inside):
    """1 where the member is neither missing nor empty: not null, "", [] or {}; else NULL."""

    answers = BooleanField
    sqlite = (
        "CASE WHEN json_type(%(expressions)s, '$.\"%(key)s\"') IN ('true', 'false')"
        " OR json_extract(%(expressions)s, '$.\"%(key)s\"') NOT IN ('', '[]', '{}') THEN 1 END"
    )
    postgresql = (
        "CASE WHEN %(expressions)s -> '%(key)s' NOT IN ('null', '\"\"', '[]', '{}') THEN true END"
    )


class ListAt(_Inside):
    """The list at the key as JSON text, or NULL."""

    answers = CharField
    sqlite = (
        "CASE WHEN json_type(%(expressions)s, '$.\"%(key)s\"') = 'array'"
        " THEN json_extract(%(expressions)s, '$.\"%(key)s\"') END"
    )
    postgresql = (
        "CASE WHEN jsonb_typeof(%(expressions)s -> '%(key)s') = 'array'"
        " THEN %(expressions)s -> '%(key)s' END"
    )


class Holds(Func):
    """Whether a JSON list has that text as a member."""

    output_field = BooleanField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        template = (
            "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
            " AS member WHERE member.type = 'text' AND member.value = "
        )
        return self._wanted(compiler, template, "%s)")

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self._wanted(compiler, "(%(expressions)s @> jsonb_build_array(", "%s::text))")

    def _wanted(self, compiler: SQLCompiler, before: str, after: str) -> Any:
        the_list, the_text = self.get_source_expressions()
        listed, listed_params = compiler.compile(the_list)
        _sql, text_params = compiler.compile(the_text)
        return before.replace("%(expressions)s", listed) + after, [*listed_params, *text_params]
