"""Event → journeys: which Working automations it starts, and why the rest stay out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from automations.engine.batch import Batch
from automations.engine.plans import Listener, Plan, Start, plan_of
from automations.engine.rows import Decided, Enrolled
from automations.engine.trouble import Row, Trouble
from automations.engine.walk import Walker
from automations.models import Automation, Enrolment, Journey, Thread
from automations.models.automation import Again
from automations.models.entry import Verdict
from loyalty.causes import DEEPEST
from loyalty.conditions import holds
from loyalty.models import Card, Event

SeatKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """An event that may start a thread of an automation."""

    event: Event
    plan: Plan
    thread: Thread
    start: Start

    @property
    def seat(self) -> SeatKey:
        return self.plan.automation_id, self.thread.key, self.event.subject

    @property
    def row(self) -> Row:
        return Row("event", self.event.pk, self.plan.automation_id, self.thread.key)


def working_plans() -> list[Plan]:
    """The live plans of all Working automations, oldest automation first."""
    live = Automation.objects.working().filter(deleted_at=None).order_by("pk")
    return [plan_of(pk) for pk in live.values_list("live_id", flat=True)]


def wishes(about: Sequence[Event], heard_by: Mapping[str, Sequence[Listener]]) -> list[Wish]:
    """What the triggers alone say; needs no facts, so it is asked before anything is locked."""
    return [wish for event in about for wish in _wishes(event, heard_by.get(event.name, ()))]


def _wishes(event: Event, listening: Iterable[Listener]) -> Iterator[Wish]:
    """One for each thread: the first of its triggers that matches."""
    found: set[tuple[int, str]] = set()
    for plan, thread, start in listening:
        seat = plan.version_id, thread
        if seat not in found and start.type.matches(start.trigger.params, event):
            found.add(seat)
            yield Wish(event, plan, plan.threads[thread], start)


class Door:
    """Decides who enters. Holds what the rules look up: who entered before, who is inside now.

    Looking first is exact: a subject's shard is locked, so nobody else lets it in meanwhile. The
    unique key of Enrolment stays behind it.
    """

    def __init__(self, batch: Batch, asked: Sequence[Wish], trouble: Trouble) -> None:
        self.batch = batch
        self.trouble = trouble
        self.entered = _enrolled(asked)

    def admit(self, wish: Wish) -> Walker | None:
        """Let it in, ready to walk, or write down why not."""
        failed = self.trouble.parked.get(wish.row)
        card = self._card(wish)
        if failed is not None and failed.moves < 0:
            self._decide(wish, Verdict.REFUSED, failed.reason)
            return None
        if reason := self._refusal(wish, card):
            self._decide(wish, Verdict.REFUSED, reason)
            return None
        journey = self._enter(wish, card)
        self.batch.inside.add(journey)
        return Walker(wish.row, wish.plan, self.batch.place(journey, wish.event), failed)

    def _refusal(self, wish: Wish, card: Card | None) -> str:
        event, batch = wish.event, self.batch
        if event.depth >= DEEPEST:
            return _("Loop: automations started each other %d times.") % DEEPEST
        customer = batch.customers.get(event.customer_id or 0)
        if event.customer_id and customer is None:
            return _("The customer was deleted.")
        if event.card_id and not self._is_for(wish.plan, card):
            return _("Not about a card of its programs.")
        if wish.start.filter and not holds(wish.start.filter, batch.facts(event, card, customer)):
            return _("The trigger's condition was not met.")
        if (*wish.seat, self._key(wish)) in self.entered:
            return _("Entered before.")
        if batch.inside.holds(*wish.seat):
            return _("Already inside.")
        return ""

    def _is_for(self, plan: Plan, card: Card | None) -> bool:
        return not plan.programs or (card is not None and card.program_id in plan.programs)

    def _enter(self, wish: Wish, card: Card | None) -> Journey:
        event, plan, key = wish.event, wish.plan, self._key(wish)
        journey = Journey(
            pk=self.batch.rows.draw(),
            automation_id=plan.automation_id,
            version_id=plan.version_id,
            thread=wish.thread.key,
            shard=event.shard,
            subject=event.subject,
            customer_id=event.customer_id,
            card=card,
            event=event,
            depth=event.depth + 1,
            step_key=plan.first[wish.thread.key],
            started_at=self.batch.desk.now,
        )
        self.batch.rows.new_journeys.append(journey)
        self.batch.rows.enrolments.append(
            Enrolled(
                automation_id=plan.automation_id,
                thread=wish.thread.key,
                subject=event.subject,
                key=key,
                at=self.batch.desk.now,
            )
        )
        self.entered.add((*wish.seat, key))
        self.batch.rows.count(journey, "", "launched")
        self._decide(wish, Verdict.ENTERED, "")
        return journey

    def _card(self, wish: Wish) -> Card | None:
        """The event's card, else the customer's newest active card of the chosen programs."""
        event = wish.event
        if event.card_id:
            return self.batch.card(event.card_id)
        cards = self.batch.cards.get(event.customer_id or 0, [])
        return next((card for card in cards if card.program_id in wish.plan.programs), None)

    def _key(self, wish: Wish) -> str:
        once = wish.thread.again == Again.ONCE
        return "once" if once else wish.event.key

    def _decide(self, wish: Wish, verdict: Verdict, reason: str) -> None:
        self.batch.rows.decisions.append(
            Decided(
                automation_id=wish.plan.automation_id,
                thread=wish.thread.key,
                event_id=wish.event.pk,
                customer_id=wish.event.customer_id,
                verdict=verdict,
                reason=reason,
                at=self.batch.desk.now,
            )
        )


def _enrolled(asked: Sequence[Wish]) -> set[tuple[int, str, str, str]]:
    """Who of them entered before, under the event's key or under "once"."""
    found = Enrolment.objects.filter(
        automation__in={wish.plan.automation_id for wish in asked},
        subject__in={wish.event.subject for wish in asked},
        key__in={"once", *(wish.event.key for wish in asked)},
    )
    return set(found.values_list("automation_id", "thread", "subject", "key"))


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
