"""All that a run left behind, in words that are the same for every run: what has a number of its
own in each run (a journey, an operation, a card) is called by what made it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Sum

from automations.models import Counter as Number
from automations.models import Decision, Enrolment, Journey, Quota, StepRun
from loyalty.models import Account, Card, Customer, Entry, Event, Hold, Lot, Operation, Order
from messaging.models import Message

Rows = Counter[tuple[str, ...]]
Picture = dict[str, Rows]


class Names:
    """What a run's own numbers stand for."""

    def __init__(self) -> None:
        cards = Card.objects.values_list("pk", "customer_id", "program__slug", "number")
        self.cards = {pk: f"{slug} of {customer}" for pk, customer, slug, _number in cards}
        self.numbers = {number: self.cards[pk] for pk, _customer, _slug, number in cards}
        self.journeys = {row.pk: row for row in Journey.objects.select_related("automation")}
        self.operations = dict(Operation.objects.values_list("pk", "key"))
        self.claims = dict(Hold.objects.values_list("pk", "operation__key"))
        self.events = {row.pk: row for row in Event.objects.order_by("pk")}
        self._known: dict[str, str] = {}

    def journey(self, pk: int | None) -> str:
        row = self.journeys.get(pk or 0)
        if row is None:
            return f"no journey {pk}"
        if row.parent_id:
            return f"<branch {row.data.get('branch')} of {self.journey(row.parent_id)}>"
        return f"<{row.automation.slug} {row.thread} {row.subject} by {self.event(row.event_id)}>"

    def operation(self, pk: int) -> str:
        return self.text(self.operations.get(pk, f"no operation {pk}"))

    def event(self, pk: int) -> str:
        """Events of one operation are numbered by the batch; what they tell is told once."""
        row = self.events[pk]
        data = row.data
        told = f"{data.get('unit', '')} {data.get('cycle', '')}" if row.key[:3] == "op:" else ""
        return self.text(f"{row.name} {told} {row.key}")

    def text(self, said: Any) -> str:
        text = str(said)
        if text not in self._known:
            self._known[text] = self._said(text)
        return self._known[text]

    def _said(self, text: str) -> str:
        for number, name in self.numbers.items():
            text = text.replace(number, name)
        text = re.sub(r":refunded:\d+:", ":refunded by ", text)
        text = re.sub(
            r"\b(order:[^ ]+?|card):(\d+):(?=\d+$|issue)",
            lambda m: f"{m[1]}:{self.cards.get(int(m[2]), m[2])}:",
            text,
        )
        text = re.sub(
            r"(\bop:|'operation': )(\d+)(?::\d+)?",
            lambda m: f"{m[1]}({self.operation(int(m[2]))})",
            text,
        )
        text = re.sub(r"'claim': (\d+)", lambda m: f"'claim': {self.claims.get(int(m[1]))}", text)
        text = re.sub(r"'event': (\d+)", lambda m: f"'event': {self.event(int(m[1]))}", text)
        return re.sub(r"\bjourney:(\d+)", lambda m: f"journey:{self.journey(int(m[1]))}", text)


def take() -> Picture:
    """Of the database as it is now."""
    names = Names()
    return {
        "operations": _rows(names, Operation, "key", "kind", "card_id", "actor", "at"),
        "entries": _rows(
            names,
            Entry,
            *("operation__key", "account__card_id", "account__unit", "kind", "amount"),
            *("debt_delta", "balance_after", "seq"),
        ),
        "accounts": _rows(
            names,
            Account,
            *("card_id", "unit", "balance", "debt", "seq", "lifetime_in", "lifetime_out"),
        ),
        "lots": _rows(names, Lot, "entry__operation__key", "amount", "remaining", "expires_at"),
        "holds": _rows(
            names, Hold, *("operation__key", "state", "handler", "settled_by", "settled_at")
        ),
        "orders": _rows(names, Order, "key", "status", "total_cents", "refunded_cents"),
        "customers": _rows(names, Customer, "pk", "first_name", "email", "tags", "consents"),
        "cards": _rows(names, Card, "customer_id", "program__slug", "status"),
        "events": Counter(
            (
                names.event(row.pk),
                row.subject,
                names.text(row.cause),
                str(row.depth),
                "looked at" if row.entered_at else "not looked at",
            )
            for row in names.events.values()
        ),
        "enrolments": _rows(names, Enrolment, "automation__slug", "thread", "subject", "key"),
        "decisions": _rows(
            names,
            Decision,
            *("automation__slug", "thread", "event_id", "verdict", "reason", "at"),
        ),
        "journeys": Counter(_journey(names, row) for row in names.journeys.values()),
        "step runs": _rows(
            names,
            StepRun,
            *("journey_id", "moves", "step_key", "type", "outcome", "note", "result", "at"),
        ),
        "counters": _counters(),
        "quotas": _rows(names, Quota, "automation__slug", "thread", "kind", "period", "used"),
        "messages": Counter(_message(names, row) for row in Message.objects.all()),
    }


def _journey(names: Names, row: Journey) -> tuple[str, ...]:
    values = (
        *(row.state, row.step_key, row.is_inside, row.awaits, row.due_at, row.moves),
        *(row.attempts, row.data, row.note, row.started_at, row.ended_at),
    )
    return (names.journey(row.pk), *map(names.text, values))


def _message(names: Names, row: Message) -> tuple[str, ...]:
    """Whether a letter that was being sent when somebody died has left, nobody can say: it is said
    or in doubt, and the mailbag tells which is right."""
    state = "said" if row.state in {"sent", "unknown"} else row.state
    due_at = row.due_at if row.state in {"queued", "sending"} else None
    values = (row.key, row.customer_id, row.channel, row.names, row.cause, state, due_at)
    return tuple(map(names.text, values))


def _counters() -> Rows:
    kept = Number.objects.values_list("automation__slug", "step_key", "metric", "day")
    return Counter({tuple(map(str, row[:-1])): row[-1] for row in kept.annotate(sum=Sum("n"))})


def _rows(names: Names, model: Any, *columns: str) -> Rows:
    found = model.objects.order_by().values_list(*columns)
    return Counter(_said(names, columns, row) for row in found)


def _said(names: Names, columns: Iterable[str], row: Iterable[Any]) -> tuple[str, ...]:
    speak: dict[str, Callable[[Any], str]] = {
        "card_id": lambda pk: names.cards[pk],
        "account__card_id": lambda pk: names.cards[pk],
        "journey_id": names.journey,
        "event_id": names.event,
    }
    return tuple(
        speak.get(column, names.text)(value) for column, value in zip(columns, row, strict=True)
    )


def differences(expected: Picture, found: Picture) -> list[str]:
    """What is lost and what is too much, each in a line."""
    told = []
    for table, rows in expected.items():
        told += [f"lost: {table}: {row}" for row in (rows - found[table]).elements()]
        told += [f"too much: {table}: {row}" for row in (found[table] - rows).elements()]
    return told
