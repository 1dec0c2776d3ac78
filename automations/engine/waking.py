"""The second half of a pump: journeys whose time has come walk on."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from automations.engine import batch as batches
from automations.engine import claims, journeys
from automations.engine.batch import Batch
from automations.engine.plans import plan_of
from automations.engine.trouble import Row, Trouble
from automations.engine.walk import Walker, fail, remembers, stop, walk
from automations.engine.waves import waves_of
from automations.journey_row import JourneyRow, journey_rows
from automations.models import Automation, Journey
from automations.models.journey import JourneyState
from loyalty.models import Event

SUBJECT = attrgetter("subject")


@dataclass(frozen=True, slots=True)
class Herd:
    """What is known of those that are claimed: their automations, which of these are Draft, and
    whose event stands in line unheard."""

    automations: Mapping[int, Automation]
    drafts: set[int]
    unheard: set[int]
    trouble: Trouble


def wake(
    shard: int, now: datetime, limit: int, since: datetime | None, trouble: Trouble, seconds: float
) -> list[datetime]:
    """Move journeys that are due, oldest first, for about so many seconds; says of each that it
    moved when it was due.

    `since` is a moment before which none is due any more: it spares the index's dead entries.
    Raises Culprit and GroupFailed, and then nothing was done.
    """
    due = _due(shard, now, since)
    claimed = journey_rows(due.select_for_update(no_key=True, skip_locked=True)[:limit])
    if not claimed:
        return []
    automations = Automation.objects.in_bulk({journey.automation_id for journey in claimed})
    herd = Herd(
        automations, journeys.still_draft(automations.values()), _unheard(shard, claimed), trouble
    )
    moments = [journey.due_at or now for journey in claimed]
    with batches.open(
        [each.customer_id for each in claimed if not trouble.is_out(_row(each))],
        (),
        began_with={each.event_id for each in claimed},
        about_cards=[each.card_id for each in claimed],
        lock_customers=any(plan_of(each.version_id).writes_customer for each in claimed),
        automations=automations.values(),
        singly=trouble.singly,
        tripped=trouble.tripped,
        now=now,
    ) as batch:
        claims.load(batch, claimed)
        end = time.monotonic() + seconds
        together = batches.handful(len(claimed))
        for start in range(0, len(claimed), together):
            if start and time.monotonic() > end:
                trouble.ran_out_of_time = True
                return moments[:start]
            for wave in waves_of(claimed[start : start + together], SUBJECT):
                _move(batch, wave, herd)
    return moments


def rows_of_first(shard: int, now: datetime, since: datetime | None) -> list[Row]:
    """What a batch of one journey would handle."""
    return [Row("journey", pk) for pk in _due(shard, now, since).values_list("pk", flat=True)[:1]]


def _due(shard: int, now: datetime, since: datetime | None) -> QuerySet[Journey]:
    found = Journey.objects.filter(shard=shard, state=JourneyState.WAITING, due_at__lte=now)
    if since is not None:
        found = found.filter(due_at__gte=since)
    return found.order_by("due_at", "pk")


def _unheard(shard: int, claimed: Iterable[JourneyRow]) -> set[int]:
    """Those whose event stands in line, at which nobody has looked yet: it may have come in time,
    so whoever waits for it stays due until then."""
    awaiting = [journey for journey in claimed if journey.awaits and journey.customer_id]
    if not awaiting:
        return set()
    in_line = Event.objects.filter(
        shard=shard,
        entered_at=None,
        customer_id__among={journey.customer_id for journey in awaiting},
        name__in={journey.awaits for journey in awaiting},
    )
    found = set(in_line.values_list("customer_id", "name"))
    return {each.id for each in awaiting if (each.customer_id, each.awaits) in found}


def _move(batch: Batch, wave: Iterable[JourneyRow], herd: Herd) -> None:
    going = []
    for journey in wave:
        batch.rows.moved(journey)
        failed = herd.trouble.parked.get(_row(journey))
        automation = herd.automations[journey.automation_id]
        if failed is not None and failed.moves < 0:
            fail(batch, journey, plan_of(journey.version_id), failed)
        elif reason := _over(batch, journey, automation):
            stop(batch, journey, reason)
        elif journey.automation_id in herd.drafts:
            journey.state = JourneyState.HELD
        elif journey.id not in herd.unheard and (automation.is_working or automation.lets_finish):
            place = batch.place(journey, due_at=journey.due_at)
            plan = plan_of(journey.version_id)
            walker = Walker(_row(journey), plan, place, failed)
            if not remembers(batch, walker):
                going.append(walker)
    walk(batch, going)


def _over(batch: Batch, journey: JourneyRow, automation: Automation) -> str:
    """Why a journey that waited has nothing left to do."""
    if automation.deleted_at is not None:
        return _("The automation was deleted.")
    if journey.customer_id and journey.customer_id not in batch.customers:
        return _("The customer was deleted.")
    if journey.card_id in batch.deleted_cards:
        return _("The card was deleted.")
    return claims.lost(batch, journey)


def _row(journey: JourneyRow) -> Row:
    return Row("journey", journey.id)
