"""`name__begins=text`: a prefix that each database finds in an index.

PostgreSQL does with LIKE and an index of `text_pattern_ops`; SQLite does not with the LIKE that
Django writes, but with two bounds in any index. A text is compared as it stands: fold it first.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup
from django.db.models.sql.compiler import SQLCompiler

LAST = "\U0010ffff"  # no text has it, and it comes after every other letter


@Field.register_lookup
class Begins(Lookup):
    lookup_name = "begins"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} >= %s AND {column} < %s", (
            *params, self.rhs, *params, f"{self.rhs}{LAST}",
        )  # fmt: skip

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", (*params, f"{connection.ops.prep_for_like_query(self.rhs)}%")
