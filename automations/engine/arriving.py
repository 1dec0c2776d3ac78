"""The first half of a pump: events arrive. Who is inside may leave or wake, and others enter."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from automations.engine import batch as batches
from automations.engine import entry
from automations.engine.batch import Batch
from automations.engine.entry import Arrived, Door, Wish
from automations.engine.inside import Inside, Seat
from automations.engine.plans import listeners, plan_of
from automations.engine.trouble import Culprit, Row, Trouble
from automations.engine.walk import Walker, happened, walk
from loyalty import events
from loyalty.models import Event

# Events handled between two looks at the clock.
TOGETHER = 50


@dataclass(slots=True)
class Arrival:
    """An event that concerns somebody: who may enter because of it, who inside awaits it."""

    event: Event
    wishes: list[Wish] = field(default_factory=list)
    awaited_by: list[Seat] = field(default_factory=list)


def arrive(
    shard: int, now: datetime, limit: int, after: int, trouble: Trouble, seconds: float
) -> list[int]:
    """Look at events in the order in which they happened, for about so many seconds; says at which
    it looked. Raises Culprit and GroupFailed, and then nothing was done."""
    about = entry.due(shard, limit, after)
    arrivals, inside = _arrivals(about)
    looked_at = [event.pk for event in about]
    if arrivals:
        plans = [plan_of(seat.version_id) for each in arrivals for seat in each.awaited_by]
        plans += [wish.plan for each in arrivals for wish in each.wishes]
        with batches.open(
            _people(arrivals, trouble),
            [arrival.event for arrival in arrivals],
            lock_customers=any(plan.writes_customer for plan in plans),
            inside=inside,
            singly=trouble.singly,
            now=now,
        ) as batch:
            if (done := _look(batch, arrivals, trouble, seconds)) < len(arrivals):
                following = arrivals[done].event.pk
                looked_at = [pk for pk in looked_at if pk < following]
    if looked_at:
        events.mark_entered(looked_at, now)
    return looked_at


def rows_of_first(shard: int, after: int) -> list[Row]:
    """What a batch of one event would handle."""
    arrivals, _inside = _arrivals(entry.due(shard, 1, after))
    rows = [wish.row for each in arrivals for wish in each.wishes]
    return rows + [_row(seat) for each in arrivals for seat in each.awaited_by]


def _arrivals(about: Sequence[Arrived]) -> tuple[list[Arrival], Inside]:
    """Those of them that concern somebody, and who is inside."""
    if not about:
        return [], Inside(())
    plans = entry.working_plans()
    heard_by = listeners(tuple(plan.version_id for plan in plans))
    inside = Inside(event.subject for event in about)
    awaited_by = {event.pk: inside.awaiting(event.subject, event.name) for event in about}
    # Also what somebody may await who enters in this very batch.
    may_matter = heard_by.keys() | {name for plan in plans for name in plan.awaits}
    concerning = [each.pk for each in about if each.name in may_matter or awaited_by[each.pk]]
    rows = Event.objects.filter(pk__in=concerning).order_by("pk") if concerning else ()
    arrivals = {event.pk: Arrival(event, [], awaited_by[event.pk]) for event in rows}
    for wish in entry.wishes([arrival.event for arrival in arrivals.values()], heard_by):
        arrivals[wish.event.pk].wishes.append(wish)
    inside.lock(seat for arrival in arrivals.values() for seat in arrival.awaited_by)
    return list(arrivals.values()), inside


def _people(concerned: Iterable[Arrival], trouble: Trouble) -> list[int | None]:
    """Whose cards and accounts are needed."""
    return [
        arrival.event.customer_id
        for arrival in concerned
        if arrival.awaited_by or not all(trouble.is_out(wish.row) for wish in arrival.wishes)
    ]


def _look(batch: Batch, arrivals: Sequence[Arrival], trouble: Trouble, seconds: float) -> int:
    """By the handful, until the time for walking is over; says how many."""
    door = Door(batch, [wish for arrival in arrivals for wish in arrival.wishes], trouble)
    end = time.monotonic() + seconds
    for start in range(0, len(arrivals), TOGETHER):
        if start and time.monotonic() > end:
            return start
        for wave in _waves(arrivals[start : start + TOGETHER]):
            _look_at(door, wave)
    return len(arrivals)


def _waves(arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """So that no two of a wave are about the same subject, and each subject's keep their order."""
    waves: list[list[Arrival]] = []
    seen: dict[str, int] = {}
    for arrival in arrivals:
        turn = seen.get(arrival.event.subject, 0)
        seen[arrival.event.subject] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(arrival)
    return waves


def _look_at(door: Door, wave: Sequence[Arrival]) -> None:
    """Those inside first; then who enters, one wish of each event after the other, for all are
    about the same customer."""
    for arrival in wave:
        for seat in door.batch.inside.of(arrival.event.subject):
            _tell(door, seat, arrival.event)
    for turn in range(max(len(arrival.wishes) for arrival in wave)):
        walk(door.batch, list(_admitted(door, wave, turn)))


def _admitted(door: Door, wave: Iterable[Arrival], turn: int) -> Iterator[Walker]:
    for arrival in wave:
        if turn < len(arrival.wishes):
            wish = arrival.wishes[turn]
            try:
                walker = door.admit(wish)
            except Exception as error:
                raise Culprit(wish.row, error) from error
            if walker is not None:
                yield walker


def _tell(door: Door, seat: Seat, event: Event) -> None:
    """The event that it awaits has come (or one of its name, which its step decides)."""
    journey, batch = seat.journey, door.batch
    if journey is None or journey.awaits != event.name:
        return
    walker = Walker(
        _row(seat),
        plan_of(journey.version_id),
        batch.place(journey, journey.event),
        door.trouble.parked.get(_row(seat)),
    )
    happened(batch, walker, batch.place(journey, event))


def _row(seat: Seat) -> Row:
    return Row("journey", seat.pk)
