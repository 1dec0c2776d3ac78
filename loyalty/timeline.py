"""All that happened to a customer, newest first, on one line of time.

We know of cards, operations and events ourselves; a higher app appends in its `ready()` a function
that tells what it knows:

    timeline.sources.append(messages_told)

It takes the customer and a number, and gives back at most so many of its newest moments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst

from loyalty import actors, wording
from loyalty.events import FACTS, BalanceChanged, CardScanned, OrderFact, RewardRedeemed
from loyalty.models import Customer, Event, Operation
from loyalty.money import written
from loyalty.postings import Kind

MOST_DATA = 6
# Told by the operations that they come from.
TOLD = (BalanceChanged.name, RewardRedeemed.name)


@dataclass(frozen=True, slots=True)
class Moment:
    """`icon` is one of templates/icons, `state` and `tone` a badge, `url` a page of staff's."""

    at: datetime
    icon: str
    title: str | Promise
    detail: str = ""
    url: str = ""
    state: str | Promise = ""
    tone: str = "neutral"

    @property
    def icon_template(self) -> str:
        return f"icons/{self.icon}.svg"


def operations_told(customer: Customer, most: int) -> list[Moment]:
    """What was done to their cards."""
    rows = Operation.objects.filter(card__customer=customer).exclude(entries=None)
    rows = rows.select_related("card", "location", "note").order_by("-pk")
    found = rows.prefetch_related("entries__account", "card__program").distinct()[:most]
    return [_of_operation(operation) for operation in actors.name_all(found)]


def events_told(customer: Customer, most: int) -> list[Moment]:
    """What they did, and what was found out about them."""
    events = Event.objects.filter(customer=customer).exclude(name__in=TOLD)
    found = events.select_related("location").order_by("-occurred_at", "-pk")
    rows = list(found[:most])
    causes = actors.named(event.cause for event in rows)
    return [_of_event(event, causes[event.cause]) for event in rows]


Source = Callable[[Customer, int], Sequence[Moment]]
sources: list[Source] = [operations_told, events_told]


def of(customer: Customer, most: int) -> list[Moment]:
    """The newest moments of all sources together, at most so many."""
    moments = [moment for source in sources for moment in source(customer, most)]
    return sorted(moments, key=attrgetter("at"), reverse=True)[:most]


def _of_operation(operation: Operation) -> Moment:
    program = operation.card.program
    changes = ", ".join(wording.changed(entry, program) for entry in operation.entries.all())
    note = getattr(operation, "note", None)
    said = [operation.reason, note.comment if note else "", str(operation.location or "")]
    return Moment(
        at=operation.at,
        icon="minus" if operation.kind in ("redeem", "expire", "reverse") else "plus",
        title=f"{program}: {_what(operation)}{changes}",
        detail=" · ".join(filter(None, [*said, operation.by_name])),
        url=reverse("admin:loyalty_operation_change", args=[operation.pk]),
        tone="warn" if operation.kind == "reverse" else "good",
    )


def _what(operation: Operation) -> str:
    """Nothing for what a purchase or a visit gives: "+4 points" says it."""
    done = wording.done(operation)
    return "" if done == str(Kind.ACCRUE.label) else f"{done} "


def _of_event(event: Event, cause: str) -> Moment:
    is_ours = event.name in FACTS
    return Moment(
        at=event.occurred_at,
        icon="bolt" if is_ours else "hook",
        title=capfirst(event.name.replace("_", " ")) if is_ours else event.name,
        detail=" · ".join(filter(None, [*_data(event), str(event.location or ""), cause])),
        url=reverse("admin:loyalty_event_change", args=[event.pk]),
        tone="brand",
    )


def _data(event: Event) -> list[str]:
    """What it tells, in short: an order's amount, else the first of its data."""
    kind, data = FACTS.get(event.name), event.data
    if kind is CardScanned:
        return []
    if kind is not None and issubclass(kind, OrderFact):
        cents = data.get("amount_cents", data["total_cents"])
        return [written(cents, data["currency"]) if data["currency"] else "", data["platform"]]
    told = ((name.replace("_", " "), value) for name, value in data.items())
    return [f"{name}: {value}" for name, value in told if value not in ("", None)][:MOST_DATA]
