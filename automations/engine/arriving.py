"""The first half of a pump: events arrive. Who is inside may leave or wake, and others enter."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from automations.engine import batch as batches
from automations.engine import claims, errands, journeys, leaving, rules, wishes
from automations.engine.batch import Batch
from automations.engine.entry import Door
from automations.engine.errands import Errand, Errands
from automations.engine.inside import Inside, Seat, is_waiting
from automations.engine.plans import Plan, listeners, plan_of
from automations.engine.trouble import Culprit, Row, Trouble
from automations.engine.walk import Walker, happened, stop, walk
from automations.engine.waves import waves_of
from automations.engine.wishes import Arrived, Unheard, Wish
from automations.journey_row import JourneyRow
from automations.models import Automation
from automations.models.journey import JourneyState
from loyalty import events
from loyalty.models import Event

SUBJECT = attrgetter("event.subject")


@dataclass(slots=True)
class Arrival:
    """An event that concerns somebody: who may enter because of it, whom another automation sends
    in vain, the seats of those inside whom it may end or wake, and the step of another journey that
    it asks for."""

    event: Event
    errand: Errand | None = None
    wishes: list[Wish] = field(default_factory=list)
    unheard: list[Unheard] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)


@dataclass(slots=True)
class Arrivals:
    """The events of a batch that concern somebody, who is inside, and the Working automations."""

    rows: list[Arrival]
    inside: Inside
    working: dict[int, Automation]

    @property
    def wishes(self) -> list[Wish]:
        return [wish for arrival in self.rows for wish in arrival.wishes]

    @property
    def plans(self) -> list[Plan]:
        """Of all who may walk."""
        inside = {seat.version_id for arrival in self.rows for seat in arrival.seats}
        plans = [wish.plan for wish in self.wishes] + [plan_of(version) for version in inside]
        return plans + [errand.plan for errand in self.errands]

    @property
    def errands(self) -> list[Errand]:
        return [arrival.errand for arrival in self.rows if arrival.errand]

    @property
    def journeys(self) -> list[JourneyRow]:
        """Those inside whom they may end or wake."""
        return [seat.journey for each in self.rows for seat in each.seats if seat.journey]

    @property
    def began_with(self) -> set[int]:
        """The events with which they began who are inside, or whose step is asked for."""
        asking = {errand.began_with for errand in self.errands}
        return asking | {journey.event_id for journey in self.journeys}

    def automations(self, plans: Iterable[Plan]) -> list[Automation]:
        wanted = {plan.automation_id for plan in plans}
        others = wanted - self.working.keys()
        found = self.working | (Automation.objects.in_bulk(others) if others else {})
        return [found[pk] for pk in wanted]

    def hold(self, drafts: set[int]) -> None:
        """Who slipped past the hold of an automation is held when something happens to them."""
        for arrival in self.rows:
            for seat in arrival.seats:
                if seat.automation_id in drafts and seat.journey and is_waiting(seat.journey):
                    seat.journey.state = JourneyState.HELD

    def people(self, trouble: Trouble) -> list[int | None]:
        """Whose cards and accounts are needed."""
        return [
            arrival.event.customer_id
            for arrival in self.rows
            if arrival.seats
            or (arrival.errand and not trouble.is_out(arrival.errand.row))
            or not all(trouble.is_out(wish.row) for wish in arrival.wishes)
        ]


def arrive(
    shard: int, now: datetime, limit: int, after: int, trouble: Trouble, seconds: float
) -> list[int]:
    """Look at events in the order in which they happened, for about so many seconds; says at which
    it looked. Raises Culprit and GroupFailed, and then nothing was done."""
    about = wishes.due(shard, limit, after)
    looked_at = [event.pk for event in about]
    arrivals = _arrivals(about)
    if arrivals.rows:
        plans = arrivals.plans
        automations = arrivals.automations(plans)
        arrivals.hold(journeys.still_draft(automations))
        with batches.open(
            arrivals.people(trouble),
            [arrival.event for arrival in arrivals.rows],
            began_with=arrivals.began_with,
            lock_customers=any(plan.writes_customer for plan in plans),
            automations=automations,
            threads=[(wish.plan.automation_id, wish.thread) for wish in arrivals.wishes],
            inside=arrivals.inside,
            singly=trouble.singly,
            tripped=trouble.tripped,
            now=now,
        ) as batch:
            if (done := _look(batch, arrivals, trouble, seconds)) < len(arrivals.rows):
                following = arrivals.rows[done].event.pk
                looked_at = [pk for pk in looked_at if pk < following]
    if looked_at:
        events.mark_entered(looked_at, now)
    return looked_at


def rows_of_first(shard: int, after: int) -> list[Row]:
    """What a batch of one event would handle."""
    found: list[Row] = []
    for arrival in _arrivals(wishes.due(shard, 1, after)).rows:
        found += [wish.row for wish in arrival.wishes]
        found += [unheard.row for unheard in arrival.unheard]
        found += [arrival.errand.row] if arrival.errand else []
        found += [_row(seat) for seat in arrival.seats]
    return found


def _arrivals(about: Sequence[Arrived]) -> Arrivals:
    if not about:
        return Arrivals([], Inside(()), {})
    working = {each.pk: each for each in wishes.working()}
    plans = [plan_of(each.live_id) for each in working.values() if each.live_id]
    heard_by = listeners(tuple(plan.version_id for plan in plans))
    inside = Inside(event.subject for event in about)
    seats = {event.pk: _concerned(inside, event) for event in about}
    # Also what may concern somebody who enters, or goes on to another wait, in this very batch.
    theirs = {seat.version_id for each in seats.values() for seat in each}
    heard_inside = (plan.heard_inside for plan in [*plans, *map(plan_of, theirs)])
    may_matter = {wishes.REQUESTED, errands.REQUESTED, *heard_by}.union(*heard_inside)
    concerning = [each.pk for each in about if each.name in may_matter or seats[each.pk]]
    rows = list(Event.objects.filter(pk__among=concerning).order_by("pk")) if concerning else []
    found = {each.pk: Arrival(each, errands.of(each), seats=seats[each.pk]) for each in rows}
    for wish in wishes.of(rows, plans, heard_by):
        found[wish.event.pk].wishes.append(wish)
        if rules.starts_anew(wish.thread):
            found[wish.event.pk].seats += inside.seats(*wish.seat)
    for unheard in wishes.unheard(rows, plans):
        found[unheard.event.pk].unheard.append(unheard)
    inside.lock(seat for arrival in found.values() for seat in arrival.seats)
    return Arrivals(list(found.values()), inside, working)


def _concerned(inside: Inside, event: Arrived) -> list[Seat]:
    """Whom inside it may end or wake."""
    return [
        seat
        for seat in inside.of(event.subject)
        if seat.awaits == event.name or event.name in plan_of(seat.version_id).ways_out
    ]


def _look(batch: Batch, arrivals: Arrivals, trouble: Trouble, seconds: float) -> int:
    """By the handful, until the time for walking is over; says how many."""
    claims.load(batch, arrivals.journeys)
    door = Door(batch, arrivals.wishes, trouble)
    others = Errands(batch, arrivals.errands, trouble)
    end = time.monotonic() + seconds
    together = batches.handful(len(arrivals.rows))
    for start in range(0, len(arrivals.rows), together):
        if start and time.monotonic() > end:
            trouble.ran_out_of_time = True
            return start
        for wave in waves_of(arrivals.rows[start : start + together], SUBJECT):
            others.do(arrival.errand for arrival in wave if arrival.errand)
            _look_at(door, wave)
    return len(arrivals.rows)


def _look_at(door: Door, wave: Sequence[Arrival]) -> None:
    """Those inside first, who leaves before who wakes; then who enters, one wish of each event
    after the other, for all are about the same customer."""
    for arrival in wave:
        for what in (_let_go, _tell):
            for seat in door.batch.inside.of(arrival.event.subject):
                what(door, seat, arrival.event)
        for unheard in arrival.unheard:
            door.turn_away(unheard)
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


def _let_go(door: Door, seat: Seat, event: Event) -> None:
    """It leaves if the event is its goal or one of its exit rules."""
    if door.trouble.is_out(_row(seat)):
        return
    try:
        leaving.leave(door.batch, seat, event)
    except Exception as error:
        raise Culprit(_row(seat), error) from error


def _tell(door: Door, seat: Seat, event: Event) -> None:
    """The event that it awaits has come (or one of its name, which its step decides)."""
    journey, batch = seat.journey, door.batch
    if journey is None or journey.awaits != event.name:
        return
    if is_waiting(journey) and (reason := claims.lost(batch, journey)):
        batch.rows.moved(journey)
        stop(batch, journey, reason)
        return
    walker = Walker(
        _row(seat),
        plan_of(journey.version_id),
        batch.place(journey),
        door.trouble.parked.get(_row(seat)),
    )
    happened(batch, walker, batch.place(journey, seen=event), event)


def _row(seat: Seat) -> Row:
    return Row("journey", seat.pk)
