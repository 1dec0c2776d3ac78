"""A database that fails on purpose: our own code stays as it is and meets the trouble."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def database_raises(trouble: Exception, *, on: str, times: int = 1_000) -> Iterator[None]:
    """Inside it the first `times` statements that name the table `on` raise `trouble`."""
    left = times

    def fails(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        nonlocal left
        if left and f'"{on}"' in sql:
            left -= 1
            raise trouble
        return execute(sql, *more)

    with connection.execute_wrapper(fails):
        yield
