"""What staff and other verbs may do to journeys: hold, release and end them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from automations.models import Automation, Journey
from automations.models.automation import Mode
from automations.models.journey import JourneyState

INSIDE = [JourneyState.WAITING, JourneyState.HELD]
BITE = 2_000  # on SQLite a bite keeps the till waiting


def hold(automation: Automation) -> int:
    """Its people stay where they are; their waits go on ticking, nothing acts. Says how many.

    In bites, for there may be millions, each a transaction of its own where the caller is in none;
    as long as it is a Draft that holds its people. Whom this has not come to (a crash, a pump that
    moves them at this very moment) is held when they wake or hear of something: the pump looks at
    the automation's mode. They are not waited for, since a pump may want the parent of one that we
    hold already.
    """
    held, last = 0, 0
    while bite := _hold(automation, last):
        held, last = held + len(bite), bite[-1]
    return held


def _hold(automation: Automation, last: int) -> list[int]:
    """The next after that number."""
    waiting = Journey.objects.filter(automation=automation, state=JourneyState.WAITING)
    following = waiting.filter(pk__gt=last).order_by("pk")
    free = following.select_for_update(no_key=True, skip_locked=True)
    draft = Automation.objects.filter(pk=automation.pk, mode=Mode.DRAFT, lets_finish=False)
    with transaction.atomic():
        if draft.select_for_update(no_key=True).first() is None:
            return []
        bite = list(free.values_list("pk", flat=True)[:BITE])
        Journey.objects.filter(pk__in=bite).update(state=JourneyState.HELD)
    return bite


def release(automation: Automation) -> int:
    """It works again: who is overdue acts now, the rest when their wait is over. What had failed
    for them may have been mended, so it is tried as if it had not."""
    held = Journey.objects.filter(automation=automation, state=JourneyState.HELD)
    return held.update(state=JourneyState.WAITING, attempts=0)


def end(automation: Automation, note: str, now: datetime) -> int:
    """End everyone inside, with the reason staff will read."""
    return stop(Journey.objects.filter(automation=automation, state__in=INSIDE), note, now)


def stop(found: QuerySet[Journey], note: str, now: datetime) -> int:
    """They are over, and wait for nothing any more; branches below them are not looked at."""
    return found.update(
        state=JourneyState.STOPPED,
        due_at=None,
        is_inside=False,
        awaits="",
        note=note[:250],
        ended_at=now,
    )


def still_draft(automations: Iterable[Automation]) -> set[int]:
    """Those of them whose people are held: Draft, and so until this transaction ends.

    One that staff are publishing at this very moment is not among them: whom a pump held then would
    be held for ever, for its `release` has been. Waits for nobody.
    """
    seen = {each.pk for each in automations if not (each.is_working or each.lets_finish)}
    if not seen:
        return set()
    rows = Automation.objects.filter(pk__in=seen, mode=Mode.DRAFT, lets_finish=False)
    return set(rows.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))


def wake_parents(parents: Iterable[int], now: datetime) -> None:
    """Those of them that have no branch left inside go on: they are due."""
    left = Journey.objects.filter(parent=OuterRef("pk"), state__in=INSIDE)
    waiting = Journey.objects.filter(pk__in=parents, state__in=INSIDE, is_inside=True)
    waiting.filter(due_at=None).exclude(Exists(left)).update(due_at=now)


def stop_below(parents: Iterable[int], note: str, now: datetime) -> None:
    """The branches of journeys that ended end with them, and theirs."""
    below = list(parents)
    while below:
        found = Journey.objects.filter(parent__in=below, state__in=INSIDE)
        below = list(found.values_list("pk", flat=True))
        stop(Journey.objects.filter(pk__in=below), note, now)
