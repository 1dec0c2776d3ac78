"""The second half of a pump: journeys whose time has come walk on."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from automations.engine import batch as batches
from automations.engine import journeys
from automations.engine.batch import Batch
from automations.engine.plans import plan_of
from automations.engine.trouble import Row, Trouble
from automations.engine.walk import Walker, fail, happened, stop, walk
from automations.models import Automation, Journey
from automations.models.journey import JourneyState
from loyalty.models import Event

# Journeys walked between two looks at the clock.
TOGETHER = 50


def wake(
    shard: int, now: datetime, limit: int, since: datetime | None, trouble: Trouble, seconds: float
) -> list[datetime]:
    """Move journeys that are due, oldest first, for about so many seconds; says of each that it
    moved when it was due.

    `since` is a moment before which none is due any more: it spares the index's dead entries.
    Raises Culprit and GroupFailed, and then nothing was done.
    """
    due = _due(shard, now, since)
    claimed = list(due.select_for_update(no_key=True, skip_locked=True)[:limit])
    if not claimed:
        return []
    _load(claimed)
    moments = [journey.due_at or now for journey in claimed]
    unheard = _unheard(shard, claimed)
    drafts = journeys.still_draft({journey.automation for journey in claimed})
    with batches.open(
        [each.customer_id for each in claimed if not trouble.is_out(_row(each))],
        [each.event for each in claimed],
        about_cards=[each.card_id for each in claimed],
        lock_customers=any(plan_of(each.version_id).writes_customer for each in claimed),
        automations={each.automation for each in claimed},
        singly=trouble.singly,
        tripped=trouble.tripped,
        now=now,
    ) as batch:
        end = time.monotonic() + seconds
        for start in range(0, len(claimed), TOGETHER):
            if start and time.monotonic() > end:
                trouble.ran_out_of_time = True
                return moments[:start]
            for wave in _waves(claimed[start : start + TOGETHER]):
                _move(batch, wave, drafts, unheard, trouble)
    return moments


def rows_of_first(shard: int, now: datetime, since: datetime | None) -> list[Row]:
    """What a batch of one journey would handle."""
    return [Row("journey", pk) for pk in _due(shard, now, since).values_list("pk", flat=True)[:1]]


def _due(shard: int, now: datetime, since: datetime | None) -> QuerySet[Journey]:
    found = Journey.objects.filter(shard=shard, state=JourneyState.WAITING, due_at__lte=now)
    if since is not None:
        found = found.filter(due_at__gte=since)
    return found.order_by("due_at", "pk")


def _load(claimed: Sequence[Journey]) -> None:
    """Their automations, once each, and their events."""
    automations = Automation.objects.in_bulk({journey.automation_id for journey in claimed})
    about = {journey.event_id for journey in claimed}
    events = {event.pk: event for event in Event.objects.filter(pk__among=about)}
    for journey in claimed:
        journey.automation = automations[journey.automation_id]
        journey.event = events[journey.event_id]


def _waves(claimed: Iterable[Journey]) -> list[list[Journey]]:
    """So that no two of a wave are about the same subject, and each subject's keep their order."""
    waves: list[list[Journey]] = []
    seen: dict[str, int] = {}
    for journey in claimed:
        turn = seen.get(journey.subject, 0)
        seen[journey.subject] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(journey)
    return waves


def _unheard(shard: int, claimed: Iterable[Journey]) -> set[int]:
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
    return {each.pk for each in awaiting if (each.customer_id, each.awaits) in found}


def _move(
    batch: Batch, wave: Iterable[Journey], drafts: set[int], unheard: set[int], trouble: Trouble
) -> None:
    going = []
    for journey in wave:
        batch.rows.moved(journey)
        failed = trouble.parked.get(_row(journey))
        automation = journey.automation
        if failed is not None and failed.moves < 0:
            fail(batch, journey, plan_of(journey.version_id), failed)
        elif reason := _over(batch, journey):
            stop(batch, journey, reason)
        elif journey.automation_id in drafts:
            journey.state = JourneyState.HELD
        elif journey.pk not in unheard and (automation.is_working or automation.lets_finish):
            place = batch.place(journey, journey.event, journey.due_at)
            walker = Walker(_row(journey), plan_of(journey.version_id), place, failed)
            if not _remembers(batch, walker):
                going.append(walker)
    walk(batch, going)


def _remembers(batch: Batch, walker: Walker) -> bool:
    """What it awaited happened while it was held: now it hears of it, and that ends its wait."""
    journey = walker.journey
    event_id = journey.data.pop("happened", 0)
    is_begun = event_id and journey.is_inside
    event = Event.objects.filter(pk=event_id).first() if is_begun else None
    return event is not None and happened(batch, walker, batch.place(journey, event))


def _over(batch: Batch, journey: Journey) -> str:
    """Why a journey that waited has nothing left to do."""
    if journey.automation.deleted_at is not None:
        return _("The automation was deleted.")
    if journey.customer_id and journey.customer_id not in batch.customers:
        return _("The customer was deleted.")
    if journey.card_id in batch.deleted_cards:
        return _("The card was deleted.")
    return ""


def _row(journey: Journey) -> Row:
    return Row("journey", journey.pk)
