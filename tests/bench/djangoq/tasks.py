"""The task that does nothing, and a queue full of it."""

from django.db import transaction
from django_q.tasks import async_task

from tests.bench.meter import beat


def no_op(tally: str) -> None:
    beat(tally)


def fill(tally: str, n: int) -> None:
    with transaction.atomic():
        for _number in range(n):
            async_task("tests.bench.djangoq.tasks.no_op", tally)
