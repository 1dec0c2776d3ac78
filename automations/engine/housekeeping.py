"""What is older than the shop wants to keep goes, in small parts, and still counts.

History goes after KEEP_HISTORY_DAYS, journeys that ended after KEEP_JOURNEYS_DAYS; who is inside
keeps all of it. Counters of two months ago are put together over their shards, to the same sums.
Enrolments, events and the ledger stay for ever (docs/decisions/0012-what-is-kept.md).

Each chore is a ring of the bell. It walks its table by primary key, for a low number is an old row;
each part is a transaction of its own, and notes in `Sweep` how far it came. At the end of its table
a chore rests for a day. One at a time is due, so that the pumps keep their workers.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, models, transaction

from automations.engine import months
from automations.engine.journeys import INSIDE
from automations.engine.limits import ENTRIES
from automations.engine.rows import add_to_counters
from automations.models import Counter, Decision, Journey, Quota, StepRun, Sweep
from loyalty import clock

# Rows looked at in one transaction; a journey takes its branches along.
CHUNK = 2_000
JOURNEYS_AT_ONCE = 250
RESTS = timedelta(days=1)
# Seconds between two transactions, for others who want to write to SQLite.
NAP = 0.01

COUNTERS_BY_SHARD = timedelta(days=60)
# Months are seen to every day, once there are some.
EVER = timedelta(days=36_500)
# A day of some shop may begin or end 14 hours from the one in UTC.
QUOTAS = timedelta(days=2)


class Part(NamedTuple):
    """How many rows a transaction looked at, and whether that was the last of its chore."""

    rows: int
    is_last: bool


class Chore(NamedTuple):
    """`oldest` asks for the moment of its oldest row. Nothing is to be done until that lies before
    `before(now)`; None: never."""

    name: str
    oldest: str
    before: Callable[[datetime], datetime | None]
    do: Callable[[Sweep, datetime, datetime], Part]


def due(now: datetime) -> list[int]:
    """The first chore with something that is too old."""
    asked, values = [], []
    for ring, chore in enumerate(CHORES):
        if before := chore.before(now):
            asked.append(
                f"SELECT {ring} AS ring, '{chore.name}' AS name, ({chore.oldest}) < %s AS is_old"
            )
            values.append(_adapted(before))
    # One that rests for longer than they do was told of a time that has not come.
    rested = [_adapted(now), _adapted(now + RESTS)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT ring FROM ({" UNION ALL ".join(asked)}) c
                LEFT JOIN {Sweep._meta.db_table} s ON s.name = c.name
                WHERE c.is_old AND (s.again_at IS NULL OR s.again_at <= %s OR s.again_at > %s)
                ORDER BY ring LIMIT 1""",
            values + rested,
        )
        return [row[0] for row in cursor.fetchall()]


def keep(ring: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Do that chore for at most `budget` seconds; says how many rows it looked at. Repeatable.

    `now` pretends that moment: what would be too old then goes now.
    """
    end = time.monotonic() + budget
    handled = 0
    while True:
        with transaction.atomic(durable=True):
            part = _part(CHORES[ring], now or clock.now())
        handled += part.rows
        if part.is_last or time.monotonic() > end:
            return handled
        time.sleep(NAP)


def _part(chore: Chore, now: datetime) -> Part:
    before = chore.before(now)
    sweep = _ours(chore.name)
    if before is None or sweep is None:
        return Part(0, is_last=True)
    part = chore.do(sweep, before, now)
    if part.is_last:
        sweep.place, sweep.again_at = 0, now + RESTS
    sweep.save()
    return part


def _ours(name: str) -> Sweep | None:
    """Locked; None while another process is at it."""
    Sweep.objects.bulk_create([Sweep(name=name)], ignore_conflicts=True)
    return Sweep.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=name).first()


# --- How long -------------------------------------------------------------------------------------


def _history(now: datetime) -> datetime | None:
    days = settings.KEEP_HISTORY_DAYS
    return now - timedelta(days=days) if days > 0 else None


def _journeys(now: datetime) -> datetime | None:
    days = max(settings.KEEP_HISTORY_DAYS, settings.KEEP_JOURNEYS_DAYS)
    is_for_ever = min(settings.KEEP_HISTORY_DAYS, settings.KEEP_JOURNEYS_DAYS) <= 0
    return None if is_for_ever else now - timedelta(days=days)


# --- History --------------------------------------------------------------------------------------


def _step_runs(sweep: Sweep, before: datetime, _now: datetime) -> Part:
    before = months.whole(StepRun, before)
    rows = _next(StepRun, sweep, "journey_id")
    walkers = {journey for _pk, at, journey in rows if at < before}
    if not walkers:
        return Part(0, is_last=True)
    old = StepRun.objects.filter(pk__gt=sweep.place, pk__lte=rows[-1][0], at__lt=before)
    old.exclude(journey__in=_inside(walkers)).delete()
    sweep.place = rows[-1][0]
    return Part(len(rows), is_last=False)


def _decisions(sweep: Sweep, before: datetime, _now: datetime) -> Part:
    before = months.whole(Decision, before)
    rows = _next(Decision, sweep, "automation_id", "event_id", "customer_id")
    old = [row for row in rows if row[1] < before]
    if not old:
        return Part(0, is_last=True)
    subjects = {
        f"customer:{customer}" if customer else f"event:{event}"
        for _pk, _at, _automation, event, customer in old
    }
    inside = Journey.objects.filter(subject__in=subjects, state__in=INSIDE)
    entered = set(inside.values_list("automation_id", "event_id"))
    kept = [pk for pk, _at, automation, event, _who in old if (automation, event) in entered]
    found = Decision.objects.filter(pk__gt=sweep.place, pk__lte=rows[-1][0], at__lt=before)
    found.exclude(pk__in=kept).delete()
    sweep.place = rows[-1][0]
    return Part(len(rows), is_last=False)


def _next(model: type[models.Model], sweep: Sweep, *columns: str) -> Sequence[Any]:
    following = model._default_manager.filter(pk__gt=sweep.place).order_by("pk")
    return list(following.values_list("pk", "at", *columns)[:CHUNK])


def _inside(journeys: Iterable[int]) -> set[int]:
    """Those that have not ended, or are branches, however deep, of one that has not."""
    # What has to be known, and for whose sake: itself at first, then whatever it is a branch of.
    asked = {pk: {pk} for pk in journeys}
    inside: set[int] = set()
    while asked:
        found = Journey.objects.filter(pk__in=asked).values_list("pk", "parent_id", "ended_at")
        above: dict[int, set[int]] = {}
        for pk, parent, ended_at in found:
            if ended_at is None:
                inside |= asked[pk]
            elif parent is not None:
                above.setdefault(parent, set()).update(asked[pk])
        asked = above
    return inside


# --- Journeys -------------------------------------------------------------------------------------


def _ended(sweep: Sweep, before: datetime, _now: datetime) -> Part:
    """With their branches, and with what they did, should any of that be left."""
    following = Journey.objects.filter(pk__gt=sweep.place).order_by("pk")
    rows = list(
        following.values_list("pk", "started_at", "ended_at", "parent_id")[:JOURNEYS_AT_ONCE]
    )
    if not any(started_at < before for _pk, started_at, *_more in rows):
        return Part(0, is_last=True)
    gone = [
        pk
        for pk, _started_at, ended_at, parent in rows
        if parent is None and ended_at and ended_at < before
    ]
    Journey.objects.filter(pk__in=gone).delete()
    sweep.place = rows[-1][0]
    return Part(len(rows), is_last=False)


# --- Numbers --------------------------------------------------------------------------------------


def _put_together(_sweep: Sweep, before: datetime, _now: datetime) -> Part:
    apart = Counter.objects.filter(shard__gt=0, day__lte=before.astimezone(UTC).date()).order_by(
        "day"
    )
    rows = list(apart.select_for_update(no_key=True)[:CHUNK])
    sums: dict[tuple[int, str, str, Any, int], int] = {}
    for row in rows:
        place = row.automation_id, row.step_key, row.metric, row.day, 0
        sums[place] = sums.get(place, 0) + row.n
    add_to_counters((*place, n) for place, n in sums.items())
    Counter.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return Part(len(rows), is_last=len(rows) < CHUNK)


def _quotas(_sweep: Sweep, before: datetime, _now: datetime) -> Part:
    """Of days that are over; how many have ever entered stays."""
    past = Quota.objects.filter(period__lt=before).exclude(kind=ENTRIES).order_by("pk")
    gone = list(past.values_list("pk", flat=True)[:CHUNK])
    Quota.objects.filter(pk__in=gone).delete()
    return Part(len(gone), is_last=len(gone) < CHUNK)


# --- The chores -----------------------------------------------------------------------------------


def _months(_sweep: Sweep, _before: datetime, now: datetime) -> Part:
    changed = months.keep(now, _history(now))
    return Part(changed, is_last=not changed)


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _first(model: type[models.Model], column: str, rest: str = "ORDER BY id") -> str:
    return f"SELECT {column} FROM {model._meta.db_table} {rest} LIMIT 1"


# Months go first: what is dropped whole need not be removed row by row.
CHORES = (
    Chore(
        months.NAME,
        f"SELECT again_at FROM {Sweep._meta.db_table} WHERE name = '{months.NAME}'",
        lambda now: now + EVER,
        _months,
    ),
    Chore("step runs", _first(StepRun, "at"), _history, _step_runs),
    Chore("decisions", _first(Decision, "at"), _history, _decisions),
    Chore("journeys", _first(Journey, "started_at"), _journeys, _ended),
    Chore(
        "counters",
        _first(Counter, "day", "WHERE shard > 0 ORDER BY day"),
        lambda now: now - COUNTERS_BY_SHARD,
        _put_together,
    ),
    Chore(
        "quotas",
        _first(Quota, "period", f"WHERE kind <> '{ENTRIES}' ORDER BY id"),
        lambda now: now - QUOTAS,
        _quotas,
    ),
)
