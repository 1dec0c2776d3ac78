"""What staff and other verbs may do to journeys: hold, release and end them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from automations.models import Automation, Journey
from automations.models.automation import Mode
from automations.models.journey import JourneyState

INSIDE = [JourneyState.WAITING, JourneyState.HELD]


def hold(automation: Automation) -> int:
    """Its people stay where they are; their waits go on ticking, nothing acts. Says how many.

    A journey that a pump moves at this very moment is held when it wakes or hears of something: the
    pump looks at the automation's mode. It is not waited for, since it may want the parent of one
    that we hold already.
    """
    waiting = Journey.objects.filter(automation=automation, state=JourneyState.WAITING)
    free = waiting.select_for_update(no_key=True, skip_locked=True).order_by()
    return waiting.filter(pk__in=free.values("pk")).update(state=JourneyState.HELD)


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
