"""`pk__among=ids`: the lookup `in` for whole numbers, as one parameter however many they are.

Django makes a parameter of each number and the database parses each: with 200 of them that took
longer than to find the rows.
"""

import json
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler


@Field.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        among = "IN (SELECT value FROM json_each(%s))"
        return f"{column} {among}", (*params, self._numbers())

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY (%s::bigint[])", (*params, f"{{{self._numbers()[1:-1]}}}")

    def _numbers(self) -> str:
        """As a list in JSON; among none is nobody, and no database need be asked."""
        numbers = [int(number) for number in self.rhs]
        if not numbers:
            raise EmptyResultSet
        return json.dumps(numbers)
