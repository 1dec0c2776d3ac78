"""What keeps everybody on their tier: the events that tell of it, reviews, and a look at all of
them once a day, which finds what time alone changes and what no event told."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet

from loyalty import zones
from loyalty.causes import Cause
from loyalty.clock import now as now_at_the_edge
from loyalty.models import Business, Customer, Event, LadderSweep, Standing, Tier
from loyalty.models.tier import Metric
from loyalty.tiers import rules
from loyalty.tiers.looking import Heard, Look
from loyalty.tiers.rules import Rules

AT_ONCE = 1_000  # rows in one transaction
# How much later events are looked at again: those with a smaller number that were committed later.
AGAIN = timedelta(minutes=2)

NAP = 0.05  # seconds

BACK = ("order_refunded", "order_cancelled")
ORDERS = {"order_created", "order_paid", "order_completed", *BACK}
JOINING = {"customer_created", "customer_merged"}
HEARD = {
    Metric.SPENT: ORDERS | JOINING,
    Metric.ORDERS: ORDERS | JOINING,
    Metric.POINTS: {"balance_changed", "order_refunded", "order_cancelled"} | JOINING,
}
# What an import did is counted, and told to nobody.
IMPORTED = "import"


def due(now: datetime) -> list[int]:
    """One argument where there is something to hear or to look at; one query without tiers."""
    sweep = LadderSweep.objects.filter(pk=1).first()
    return [0] if sweep and any(job.is_due(sweep, now) for job in JOBS) else []


def keep(_argument: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Do what is due for at most `budget` seconds; says on how many rows. Each part is a
    transaction of its own; two processes take turns."""
    end = time.monotonic() + budget
    done = 0
    while time.monotonic() < end and (part := _part(now or now_at_the_edge())) is not None:
        done += part
    return done


def ladder_changed(now: datetime) -> None:
    """Look at everybody anew, soon and without telling: the rules are others, nobody did anything.
    May be repeated."""
    with transaction.atomic():
        if not Tier.objects.exists():
            LadderSweep.objects.all().delete()
            Standing.objects.update(next_review_at=None, locked_until=None)
            return
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        LadderSweep.objects.get_or_create(
            pk=1, defaults={"heard_to": newest, "heard_again_to": newest, "sweeps_at": now}
        )
        LadderSweep.objects.update(swept_to=0, is_quiet=True)


def recompute(now: datetime) -> None:
    """The same at once, and come back when everybody has been looked at."""
    ladder_changed(now)
    while LadderSweep.objects.filter(is_quiet=True).exists():
        if not keep(0, now=now):
            time.sleep(NAP)  # a worker is at it


def forget(customer_id: int) -> None:
    """Where somebody stood who is erased."""
    Standing.objects.filter(pk=customer_id).delete()


def _part(now: datetime) -> int | None:
    """One part of the first job that is due; None: there is none, or somebody else is at it."""
    with transaction.atomic():
        sweep = LadderSweep.objects.select_for_update(no_key=True, skip_locked=True).first()
        ladder = rules.read()
        if sweep is None or ladder is None:
            return None
        for job in JOBS:
            if job.is_due(sweep, now):
                done = job.do(sweep, ladder, now)
                sweep.save()
                return done
    return None


# --- Hearing --------------------------------------------------------------------------------------


def _may_hear(sweep: LadderSweep, now: datetime) -> bool:
    return Event.objects.filter(pk__gt=sweep.heard_to).exists()


def _hear(sweep: LadderSweep, ladder: Rules, now: datetime) -> int:
    looked_at, sweep.heard_to = _look_at_events(sweep.heard_to, None, ladder, now)
    return looked_at


def _may_hear_again(sweep: LadderSweep, now: datetime) -> bool:
    following = Event.objects.filter(pk__gt=sweep.heard_again_to, pk__lte=sweep.heard_to)
    oldest = following.order_by("pk").values_list("created_at", flat=True).first()
    return oldest is not None and oldest <= now - AGAIN


def _hear_again(sweep: LadderSweep, ladder: Rules, now: datetime) -> int:
    looked_at, sweep.heard_again_to = _look_at_events(
        sweep.heard_again_to, min(sweep.heard_to, _newest(now - AGAIN, sweep)), ladder, now
    )
    return looked_at


def _newest(before: datetime, sweep: LadderSweep) -> int:
    """The number of the last event, of those we look at next, that is older than that."""
    following = Event.objects.filter(pk__gt=sweep.heard_again_to).order_by("pk")
    newest = sweep.heard_again_to
    for pk, created_at in following.values_list("pk", "created_at")[:AT_ONCE]:
        if created_at > before:
            break
        newest = pk
    return newest


def _look_at_events(after: int, to: int | None, ladder: Rules, now: datetime) -> tuple[int, int]:
    """Whom they are about; says how many there were, and the number of the last."""
    rows = Event.objects.filter(pk__gt=after).order_by("pk")
    if to is not None:
        rows = rows.filter(pk__lte=to)
    names = HEARD[Metric(ladder.ladder.metric)]
    heard: dict[int, Heard] = {}
    told = list(rows.values_list("pk", "name", "customer_id", "cause", "depth")[:AT_ONCE])
    for _pk, name, customer_id, cause, depth in told:
        if name in names and customer_id is not None:
            is_import = cause.partition(":")[0] == IMPORTED
            before = heard.get(customer_id, Heard(imported=is_import))
            heard[customer_id] = Heard(
                Cause(cause, max(depth, before.cause.depth)),
                before.refunded or name in BACK,
                before.imported and is_import,
            )
    Look(ladder, now, heard).at(list(heard))
    return len(told), told[-1][0] if told else after


# --- Reviews --------------------------------------------------------------------------------------


def _may_review(sweep: LadderSweep, now: datetime) -> bool:
    return _to_review(now).exists()


def _review(sweep: LadderSweep, ladder: Rules, now: datetime) -> int:
    ripe = _to_review(now).order_by("next_review_at", "pk")
    ids = list(ripe.values_list("pk", flat=True)[:AT_ONCE])
    return Look(ladder, now).at(ids, locks_all=True)


def _to_review(now: datetime) -> "QuerySet[Standing]":
    return Standing.objects.filter(next_review_at__lte=now, customer__erased_at=None)


# --- Everybody ------------------------------------------------------------------------------------


def _may_sweep_quietly(sweep: LadderSweep, now: datetime) -> bool:
    return sweep.is_quiet


def _may_sweep(sweep: LadderSweep, now: datetime) -> bool:
    return sweep.swept_to is not None or sweep.sweeps_at <= now


def _sweep(sweep: LadderSweep, ladder: Rules, now: datetime) -> int:
    begins = sweep.swept_to or 0
    people = Customer.objects.present().filter(pk__gt=begins).order_by("pk")
    ids = list(people.values_list("pk", flat=True)[:AT_ONCE])
    Look(ladder, now, is_quiet=sweep.is_quiet).at(ids, locks_all=sweep.is_quiet)
    sweep.swept_to = ids[-1] if ids else None
    if not ids:
        sweep.is_quiet = False
        zone = Business.get().time_zone
        sweep.sweeps_at = zones.day_after(now.astimezone(zones.zone(zone)).date(), zone)
    return len(ids)


class Job(NamedTuple):
    is_due: Callable[[LadderSweep, datetime], bool]
    do: Callable[[LadderSweep, Rules, datetime], int]


# In their order: when the ladder is another, what that changes is not told of the next purchase.
JOBS = (
    Job(_may_sweep_quietly, _sweep),
    Job(_may_hear, _hear),
    Job(_may_review, _review),
    Job(_may_sweep, _sweep),
    Job(_may_hear_again, _hear_again),
)
