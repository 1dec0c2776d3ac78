"""The bell: says what is due, and hands out the tasks that see to it.

Each AppConfig may list `bells = [(due, task, cluster)]`, both by dotted path. `due(now)` is a cheap
question answered with integers, `task(integer, budget=seconds)` does for at most that long what is
due and returns how many rows it handled. A task may be asked for twice, at once, or for nothing.

Our broker asks inside django-q2's pusher, every 0.2 s, and hands out tasks that are in no table:
empty the queue's tables and nothing is lost. A task that is lost on its way is handed out again
because it is still due (`config.in_flight`).
"""

import logging
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from time import sleep

from django.apps import apps
from django.conf import settings
from django.db import Error, connections
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from config.in_flight import board
from loyalty import clock

BUDGET = 2.0  # seconds a task may take before it lets others have a turn
AFTER_AN_ERROR = 1.0  # seconds; the database may need a moment

logger = logging.getLogger(__name__)

Package = tuple[int | None, str]


@dataclass(frozen=True, slots=True)
class Bell:
    index: int
    due_path: str
    task_path: str
    cluster: str

    def due(self, now: datetime) -> list[int]:
        ask: Callable[[datetime], list[int]] = import_string(self.due_path)
        return ask(now)

    def task(self, ring: int, *, now: datetime | None = None, budget: float = BUDGET) -> int:
        do: Callable[..., int] = import_string(self.task_path)
        return do(ring, now=now, budget=budget)


@cache
def bells() -> tuple[Bell, ...]:
    """Every bell of every app, in the order of the apps."""
    listed = (bell for app in apps.get_app_configs() for bell in getattr(app, "bells", ()))
    return tuple(Bell(index, *bell) for index, bell in enumerate(listed))


def clusters() -> tuple[str, ...]:
    """The names of the clusters that run here, the main one first."""
    return (settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"])


def bells_of(cluster: str) -> list[Bell]:
    """What a cluster answers for; the main one also for those that have no cluster here."""
    main, *others = clusters()
    answered_by = {bell: bell.cluster if bell.cluster in others else main for bell in bells()}
    return [bell for bell in bells() if answered_by[bell] == cluster]


class Broker(ORM):
    """django-q2's ordinary queue in the database, and the bells of this cluster beside it."""

    is_cut_off = False

    def dequeue(self) -> list[Package]:
        try:
            packages = [*self._queued(), *self._due()]
        except Error as problem:
            # The stock pusher would sleep for ten seconds and die.
            if not self.is_cut_off:
                logger.warning("The database does not answer: %s", problem)
            self.is_cut_off = True
            connections.close_all()
            sleep(AFTER_AN_ERROR)
            return []
        if self.is_cut_off:
            logger.warning("The database answers again.")
        self.is_cut_off = False
        if not packages:
            sleep(Conf.POLL)
        return packages

    def _queued(self) -> Iterator[Package]:
        """As the stock broker does it, without its nap."""
        waiting = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now())
        for task in waiting.order_by("pk")[: Conf.BULK]:
            if self._claim(task):
                yield task.pk, task.payload

    def _claim(self, task: OrmQ) -> bool:
        unclaimed = self.get_connection().filter(pk=task.pk, lock=task.lock)
        return bool(unclaimed.update(lock=self.timeout(task)))

    def _due(self) -> Iterator[Package]:
        now = clock.now()
        for bell in bells_of(self.list_key):
            for ring in by_turns(what_is_due(bell, now)):
                if not board().is_out(bell.index, ring):
                    board().hand_out(bell.index, ring)
                    yield None, package(bell, ring)


def by_turns(rings: list[int]) -> list[int]:
    """The same, beginning anywhere: hosts that all began with the first would meet in one shard
    after the other, and where there is more than can be done the last would wait for the first."""
    start = random.randrange(len(rings)) if rings else 0  # noqa: S311 (no secret)
    return rings[start:] + rings[:start]


def what_is_due(bell: Bell, now: datetime) -> list[int]:
    """Its answer, or nothing where it fails for a reason of its own: the other bells still ring.

    Errors of the database are everybody's and are raised.
    """
    try:
        return bell.due(now)
    except Error:
        raise
    except Exception:
        logger.exception("%s failed", bell.due_path)
        return []


def package(bell: Bell, ring: int) -> str:
    """A task as django-q2 signs it; it is in no table, so nobody keeps or awaits its result."""
    return str(
        SignedPackage.dumps(
            {
                "id": uuid.uuid4().hex,
                "name": f"{bell.task_path}({ring})",
                "func": "config.bell.answer",
                "args": (bell.index, ring),
                "kwargs": {},
                "started": timezone.now(),
                "save": False,
                "ack_failure": True,
            }
        )
    )


def answer(index: int, ring: int) -> int:
    """What the worker runs. Never raises: a failure would be kept as a row, several each second."""
    bell = bells()[index]
    board().begin(index, ring)
    finish = board().fail
    try:
        handled = bell.task(ring, budget=BUDGET)
        finish = board().end if handled else board().rest
    except Exception:
        logger.exception("%s(%s) failed", bell.task_path, ring)
        handled = 0
    finally:
        finish(index, ring)
    logger.debug("%s(%s): %d rows", bell.task_path, ring, handled)
    return handled
