"""Whether this installation can do its work: asked by load balancers, so without a login."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


class _MigrationsMissingError(Exception):
    """Raised so that a "no" is not remembered: only a "yes" is final for a running process."""


@cache
def _migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _MigrationsMissingError
    return True


def trouble() -> list[str]:
    """What is wrong, as short codes; empty when all is well. Says nothing about the set-up."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _migrations_are_applied()
    except DatabaseError:
        return ["database"]
    except _MigrationsMissingError:
        return ["migrations"]
    return []


def healthz(request: HttpRequest) -> JsonResponse:
    found = trouble()
    return JsonResponse(
        {"status": "trouble" if found else "ok", "trouble": found}, status=503 if found else 200
    )
