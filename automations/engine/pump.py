"""One shard, one batch, one transaction: claim what is due, walk it, write it.

A crash anywhere is a rollback: there are no leases and nothing to sweep up. A pump with nothing to
do does nothing, so losing one, or running it twice, is harmless.
"""

import contextlib
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from automations.engine import arriving, breaker, canary, waking
from automations.engine.batch import FEWEST
from automations.engine.canary import Watch
from automations.engine.trouble import (
    Busy,
    Culprit,
    Failure,
    GroupFailed,
    Row,
    Trouble,
    raise_if_passing,
)
from loyalty import clock, tokens
from loyalty.events import SHARDS

log = logging.getLogger(__name__)

MANY = 16  # culprits
LOCK_SPACE = 77

# What a batch raises when it is written because of what somebody in it wants.
UNWRITABLE = (IntegrityError, DataError, TypeError, ValueError, OverflowError)


def due(now: datetime) -> list[int]:
    """The shards that have something to do: events to look at, or journeys whose time has come."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE[connection.vendor], [connection.ops.adapt_datetimefield_value(now)])
        return [row[0] for row in cursor.fetchall()]


_SHARDS = {
    "postgresql": f"SELECT shard FROM generate_series(0, {SHARDS - 1}) AS s (shard)",
    "sqlite": " UNION ALL ".join(f"SELECT {shard} AS shard" for shard in range(SHARDS)),
}
# One probe of a partial index per shard and table, however many rows wait. The order is what makes
# the planner take that index: it expects the first of many to be found sooner without, and then
# reads all the events that have long been entered.
_DUE = {
    vendor: f"""
        SELECT s.shard FROM ({shards}) s
        WHERE (SELECT e.shard FROM loyalty_event e
               WHERE e.shard >= s.shard AND e.entered_at IS NULL
               ORDER BY e.shard LIMIT 1) = s.shard
           OR (SELECT j.due_at FROM automations_journey j
               WHERE j.shard = s.shard AND j.state = 'waiting' AND j.due_at IS NOT NULL
               ORDER BY j.due_at LIMIT 1) <= %s"""
    for vendor, shards in _SHARDS.items()
}


def pump(shard: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Drain one shard for at most `budget` seconds; says how many events and journeys it handled.

    `now` pretends that moment. Events and journeys take turns, so neither starves the other.
    """
    end = time.monotonic() + budget
    with transaction.atomic(durable=True):
        at = _lock(shard)
        watch = canary.announce(shard, _most_rows(at), at) if at else None
    if watch is None:
        return 0
    halves: list[Half] = [Events(shard, watch.size), Journeys(shard, watch.size)]
    handled = 0
    try:
        while True:
            before = handled
            for half in halves:
                handled += _batch(half, now, watch)
            if handled == before or time.monotonic() > end:
                break
    finally:
        with contextlib.suppress(Error):
            canary.gone(watch)
    return handled


def _most_rows(now: datetime) -> int:
    """In one batch. Fewer while cards are scanned: who gives a stamp on one waits for its batch."""
    most: int = settings.BATCH_ROWS
    beside_till: int = settings.BATCH_ROWS_BESIDE_TILL
    return min(most, beside_till) if tokens.till_is_busy(now) else most


class Half(Protocol):
    """What both halves of a pump have: they remember how far they came, so that what they did is
    not looked at again (index entries of rows that are done stay until they are cleaned away)."""

    shard: int
    limit: int

    def do(self, now: datetime, trouble: Trouble) -> int:
        """One batch of at most `limit`; says how many rows it handled."""
        ...

    def first(self, now: datetime) -> list[Row]:
        """What a batch of one would handle."""
        ...


@dataclass
class Events:
    shard: int
    limit: int
    after: int = 0

    def do(self, now: datetime, trouble: Trouble) -> int:
        seen = self._arrive(now, trouble)
        if not seen and self.after:
            self.after = 0
            seen = self._arrive(now, trouble)
        if seen:
            self.after = seen[-1]
        return len(seen)

    def _arrive(self, now: datetime, trouble: Trouble) -> list[int]:
        return arriving.arrive(
            self.shard, now, self.limit, self.after, trouble, settings.BATCH_SECONDS
        )

    def first(self, now: datetime) -> list[Row]:
        with transaction.atomic():  # it locks those inside whom the event concerns
            return arriving.rows_of_first(self.shard, self.after)


@dataclass
class Journeys:
    shard: int
    limit: int
    since: datetime | None = None

    def do(self, now: datetime, trouble: Trouble) -> int:
        moved = self._wake(now, trouble)
        if not moved and self.since:
            self.since = None
            moved = self._wake(now, trouble)
        if moved:
            self.since = moved[-1]
        return len(moved)

    def _wake(self, now: datetime, trouble: Trouble) -> list[datetime]:
        return waking.wake(self.shard, now, self.limit, self.since, trouble, settings.BATCH_SECONDS)

    def first(self, now: datetime) -> list[Row]:
        return waking.rows_of_first(self.shard, now, self.since)


def _batch(half: Half, now: datetime | None, watch: Watch) -> int:
    """One batch of one half, setting aside what fails; the rest goes on without it."""
    trouble = Trouble()
    while True:
        try:
            done = _try(half, now, watch, trouble)
        except Busy:
            log.info("shard %d: staff are at work on a row of this batch", half.shard)
            return 0
        except Culprit as culprit:
            raise_if_passing(culprit)
            log.exception("set aside: %s", culprit)
            trouble.park(culprit.row, culprit.failure)
            _narrow(half, trouble)
        except GroupFailed as failed:
            raise_if_passing(failed)
            log.exception("walked one by one: %s", failed)
            trouble.singly.add(failed.step)
        except UNWRITABLE:
            # Somebody in the batch wants what the database refuses; alone, it is found.
            log.exception("a batch of shard %d could not be written", half.shard)
            if half.limit == 1 and not _accuse_the_first(half, now, trouble):
                raise
            half.limit = max(1, half.limit // 8)
        else:
            half.limit = min(watch.size, _next_limit(half.limit, done, trouble.ran_out_of_time))
            return done


def _narrow(half: Half, trouble: Trouble) -> None:
    """Each culprit costs another try with the whole batch, so where there are many it shrinks."""
    if len(trouble.parked) % MANY == 0:
        half.limit = max(min(FEWEST, half.limit), half.limit // 2)


def _accuse_the_first(half: Half, now: datetime | None, trouble: Trouble) -> bool:
    """Whether there is anybody who may want what cannot be written."""
    rows = half.first(now or clock.now())
    if rows:
        trouble.accuse(rows, _("It could not be written."))
    return bool(rows)


def _next_limit(limit: int, done: int, ran_out_of_time: bool) -> int:
    """What was loaded for rows that were not walked in time is lost, so the next batch asks for
    about as many as this one managed."""
    if ran_out_of_time:
        return max(FEWEST, done + done // 4)
    return 2 * limit if done >= limit else limit


def _try(half: Half, now: datetime | None, watch: Watch, trouble: Trouble) -> int:
    trouble.ran_out_of_time = False
    trouble.tripped.clear()
    if watch.is_wary:
        _announce_the_first(half, now, watch, trouble)
    with transaction.atomic(durable=True):
        at = _lock(half.shard)
        if at is None:
            return 0
        done = half.do(now or at, trouble)
        if done:
            canary.alive(watch, at)
    breaker.trip(trouble.tripped, now or at)
    return done


def _announce_the_first(half: Half, now: datetime | None, watch: Watch, trouble: Trouble) -> None:
    """The process died here before: say whose turn it is; who was named too often is not tried."""
    rows = half.first(now or clock.now())
    if not rows:
        return
    name = f"{rows[0].kind} {rows[0].pk}"
    if name == watch.condemned:
        reason = _("The process that worked on it died, %d times.") % canary.DEATHS
        trouble.parked |= {row: Failure(-1, reason, is_final=True) for row in rows}
    canary.name(watch, name, clock.now())


def _lock(shard: int) -> datetime | None:
    """The time it is, if this shard is ours until the transaction ends; on SQLite the write lock
    says so. On PostgreSQL the clock is the database's, one for all hosts."""
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s), clock_timestamp()", [LOCK_SPACE, shard]
        )
        is_ours, at = cursor.fetchone()
        return at.astimezone(UTC) if is_ours else None
