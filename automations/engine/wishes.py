"""What the triggers alone say of an event: which threads it may start. Asks for no facts."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from automations.engine.plans import Listener, Plan, Start
from automations.engine.trouble import Row
from automations.models import Automation, Thread
from loyalty.conditions import Node
from loyalty.events import AutomationRequested
from loyalty.models import Event

log = logging.getLogger(__name__)

REQUESTED = AutomationRequested.name

SeatKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """An event that may start a thread of an automation, under its trigger's condition; `claim` is
    the number of what the customer claimed, where whoever comes in settles that."""

    event: Event
    plan: Plan
    thread: Thread
    filter: Node | None
    claim: int | None = None

    @property
    def seat(self) -> SeatKey:
        return self.plan.automation_id, self.thread.key, self.event.subject

    @property
    def row(self) -> Row:
        return Row("event", self.event.pk, self.plan.automation_id, self.thread.key)

    @property
    def is_request(self) -> bool:
        """Another automation sends the customer, whatever its triggers are."""
        return self.event.name == REQUESTED


@dataclass(frozen=True, slots=True)
class Unheard:
    """Another automation sends a customer to one that does not work."""

    event: Event
    automation_id: int

    @property
    def row(self) -> Row:
        return Row("event", self.event.pk, self.automation_id)


class Arrived(NamedTuple):
    """An event in short: most concern nobody, and those are not loaded."""

    pk: int
    name: str
    customer_id: int | None

    @property
    def subject(self) -> str:
        return f"customer:{self.customer_id}" if self.customer_id else f"event:{self.pk}"


def due(shard: int, limit: int, after: int = 0) -> list[Arrived]:
    """Events of a shard that nobody has looked at, as they happened."""
    waiting = Event.objects.filter(shard=shard, entered_at=None, pk__gt=after).order_by("pk")
    return [Arrived(*row) for row in waiting.values_list("pk", "name", "customer_id")[:limit]]


def working() -> list[Automation]:
    """All Working automations, oldest first."""
    return list(Automation.objects.working().filter(deleted_at=None).order_by("pk"))


def of(
    about: Iterable[Event], plans: Sequence[Plan], heard_by: Mapping[str, Sequence[Listener]]
) -> list[Wish]:
    """In the order of the events; for each, oldest automation first. `plans` are those that work,
    `heard_by` who of them listens."""
    by_automation = {plan.automation_id: plan for plan in plans}
    found: list[Wish] = []
    for event in about:
        if event.name == REQUESTED:
            found += _requested(event, by_automation)
        else:
            found += _listening(event, heard_by.get(event.name, ()))
    return found


def unheard(about: Iterable[Event], plans: Iterable[Plan]) -> list[Unheard]:
    """Requests that come to nothing because who was asked for does not work."""
    works = {plan.automation_id for plan in plans}
    asked = [
        Unheard(event, event.data["automation"])
        for event in about
        if event.name == REQUESTED and event.data["automation"] not in works
    ]
    if not asked:
        return []
    wanted = Automation.objects.filter(pk__in=[each.automation_id for each in asked])
    known = set(wanted.values_list("pk", flat=True))
    return [each for each in asked if each.automation_id in known]


def _requested(event: Event, plans: Mapping[int, Plan]) -> Iterator[Wish]:
    """It starts the first thread."""
    plan = plans.get(event.data["automation"])
    if plan is not None:
        yield Wish(event, plan, next(iter(plan.threads.values())), None)


def _matches(start: Start, event: Event) -> bool:
    """A trigger that fails starts nobody, and keeps nobody else waiting."""
    try:
        return start.type.matches(start.trigger.params, event)
    except Exception:
        log.exception("trigger %s failed at event %d", start.trigger, event.pk)
        return False


def _listening(event: Event, listening: Iterable[Listener]) -> Iterator[Wish]:
    """One for each thread: the first of its triggers that matches."""
    found: set[tuple[int, str]] = set()
    for plan, thread, start in listening:
        seat = plan.version_id, thread
        if seat not in found and _matches(start, event):
            found.add(seat)
            claim = start.type.settles(start.trigger.params, event)
            yield Wish(event, plan, plan.threads[thread], start.filter, claim)
