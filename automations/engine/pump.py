"""One shard, one batch, one transaction: claim what is due, walk it, write it.

A crash anywhere is a rollback: there are no leases and nothing to sweep up. A pump with nothing to
do does nothing, so losing one, or running it twice, is harmless.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from automations.engine import batch as batches
from automations.engine import entry, journeys, walk
from automations.engine.plans import plan_of
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty import clock, events
from loyalty.events import SHARDS
from loyalty.models import Event

log = logging.getLogger(__name__)

# Rows in a batch, and seconds of walking after which it ends: a scan at the counter must not wait.
# What was loaded for the rest is lost then, so the next batch asks for as many as this one managed.
ROWS = 200
FEWEST = 25
WALKING = 0.05
LOCK_SPACE = 77

# What a batch raises when it is written because of what somebody in it wants.
UNWRITABLE = (IntegrityError, DataError, TypeError, ValueError, OverflowError)

Row = tuple[int, int]
Parked = dict[Row, walk.Failure]


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
    handled = 0
    limits: dict[Half, int] = {_enter: ROWS, _wake: ROWS}
    while time.monotonic() < end:
        before = handled
        for half, limit in limits.items():
            done = _batch(shard, now, half, limit)
            limits[half] = _next_limit(limit, done)
            handled += done
        if handled == before:
            break
    return handled


def _next_limit(limit: int, done: int) -> int:
    return min(ROWS, 2 * limit) if done >= limit else max(FEWEST, done + done // 4)


Half = Callable[[int, datetime, int, Parked], int]


def _batch(shard: int, now: datetime | None, half: Half, limit: int) -> int:
    """Run one half of the pump, setting aside what fails; the rest goes on without it."""
    parked: Parked = {}
    while True:
        try:
            with transaction.atomic(durable=True):
                if not _lock(shard):
                    return 0
                return half(shard, now or clock.now(), limit, parked)
        except Culprit as culprit:
            log.exception("set aside: %s", culprit)
            _park(parked, culprit.row, culprit.failure)
        except UNWRITABLE:
            # Somebody in the batch wants what the database refuses; alone, it is found.
            log.exception("a batch of shard %d could not be written", shard)
            if limit == 1:
                for row in _first(half, shard, now or clock.now()):
                    _park(parked, row, walk.Failure(-1, _("It could not be written.")))
            limit = max(1, limit // 8)


def _park(parked: Parked, row: Row, failure: walk.Failure) -> None:
    """Who fails though it was set aside is set aside from further back, at last before any move."""
    before = parked.get(row)
    if before is not None and before.moves <= failure.moves:
        if before.moves < 0:
            message = f"{row} fails even when it is set aside: {failure.reason}"
            raise RuntimeError(message)
        failure = walk.Failure(-1, failure.reason)
    parked[row] = failure


class Culprit(Exception):
    """Who of the batch raised: an event at an automation, or a journey."""

    def __init__(self, row: Row, error: Exception) -> None:
        super().__init__(f"{row}: {error}")
        moves, cause = (-1, error)
        if isinstance(error, walk.StepFailed):
            moves, cause = error.moves, error.error
        reason = _("Something went wrong here: %s") % type(cause).__name__
        self.row = row
        self.failure = walk.Failure(moves, reason)


def _enter(shard: int, now: datetime, limit: int, parked: Parked) -> int:
    """Look at events: journeys start and walk. Says how many events it looked at."""
    about = entry.due(shard, limit)
    if not about:
        return 0
    asked = entry.wishes(about, entry.working_plans())
    looked_at = len(about)
    if asked:
        with batches.open(
            [wish.event.customer_id for wish in asked if not _is_out(parked, wish.row)],
            [wish.event for wish in asked],
            lock_customers=any(wish.plan.writes_customer for wish in asked),
            now=now,
        ) as batch:
            looked_at = _look(entry.Door(batch, asked, parked), about, asked)
    events.mark_entered([event.pk for event in about[:looked_at]], now)
    return looked_at


def _look(door: entry.Door, about: Sequence[Event], asked: Sequence[entry.Wish]) -> int:
    """Event by event, as they happened, until the time for walking is over."""
    by_event = {event.pk: [wish for wish in asked if wish.event is event] for event in about}
    end = time.monotonic() + WALKING
    for done, event in enumerate(about):
        if done and time.monotonic() > end:
            return done
        for wish in by_event[event.pk]:
            try:
                door.handle(wish)
            except Exception as error:
                raise Culprit(wish.row, error) from error
    return len(about)


def _wake(shard: int, now: datetime, limit: int, parked: Parked) -> int:
    """Move journeys whose time has come. Says how many."""
    due_now = list(
        Journey.objects.filter(shard=shard, state=JourneyState.WAITING, due_at__lte=now)
        .select_related("event", "automation")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit]
    )
    if not due_now:
        return 0
    drafts = journeys.still_draft(journey.automation for journey in due_now)
    with batches.open(
        [journey.customer_id for journey in due_now if not _is_out(parked, (journey.pk, 0))],
        [journey.event for journey in due_now],
        about_cards=[journey.card_id for journey in due_now],
        lock_customers=any(plan_of(journey.version_id).writes_customer for journey in due_now),
        now=now,
    ) as batch:
        end = time.monotonic() + WALKING
        for done, journey in enumerate(due_now):
            if done and time.monotonic() > end:
                return done
            try:
                _move(batch, journey, drafts, parked.get((journey.pk, 0)))
            except Exception as error:
                raise Culprit((journey.pk, 0), error) from error
    return len(due_now)


def _is_out(parked: Parked, row: Row) -> bool:
    """Set aside before any move: not even what it needs is loaded, for that may be what fails."""
    return row in parked and parked[row].moves < 0


def _move(
    batch: batches.Batch, journey: Journey, drafts: set[int], failed: walk.Failure | None
) -> None:
    batch.rows.moved_journeys.append(journey)
    if failed is not None and failed.moves < 0:
        walk.fail(batch, journey, plan_of(journey.version_id), failed.reason)
    elif reason := _over(batch, journey):
        walk.end(batch, journey, reason)
    elif journey.automation_id in drafts:
        journey.state = JourneyState.HELD
    elif journey.automation.is_working:
        walk.walk(batch, plan_of(journey.version_id), batch.place(journey, journey.event), failed)


def _over(batch: batches.Batch, journey: Journey) -> str:
    """Why a journey that waited has nothing left to do."""
    if journey.automation.deleted_at is not None:
        return _("The automation was deleted.")
    if journey.customer_id and journey.customer_id not in batch.customers:
        return _("The customer was deleted.")
    if journey.card_id in batch.deleted_cards:
        return _("The card was deleted.")
    return ""


def _first(half: Half, shard: int, now: datetime) -> list[Row]:
    """What a batch of one would take: an event at every automation, or a journey."""
    if half is _enter:
        event = entry.due(shard, 1)[0]
        wishes = entry.wishes([event], entry.working_plans())
        return [wish.row for wish in wishes]
    waiting = Journey.objects.filter(shard=shard, state=JourneyState.WAITING, due_at__lte=now)
    return [(waiting.order_by("due_at", "pk").values_list("pk", flat=True)[0], 0)]


def _lock(shard: int) -> bool:
    """Whether this shard is ours until the transaction ends; on SQLite the write lock says so."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, shard])
        return bool(cursor.fetchone()[0])
