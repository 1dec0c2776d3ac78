"""What was done to a card, and undoing it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import cards, clock, counter, ledger, shapes
from loyalty.api import answers, keys
from loyalty.api.cards import CardEndpoint
from loyalty.api.fields import Fields, Text
from loyalty.api.pagination import Turning, page
from loyalty.api.schema import pages_of, says
from loyalty.models import Operation


class ReverseBody(Fields):
    reason = Text(max_length=250, help_text="Kept with the operation.")


def shown(rows: Sequence[Operation]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "entries__account", "note")
    return [shapes.operation(ledger.read_back(operation)) for operation in rows]


class Operations(CardEndpoint):
    scopes = {"GET": ("scanner", "customers")}

    @says(
        "list_operations",
        "What was done to a card, newest first",
        asks=Turning,
        answers={200: pages_of(answers.Operation)},
        refuses=["not_found"],
    )
    def get(self, request: Request, serial: str) -> Response:
        self.asked(Turning)
        card = cards.by_serial(serial)
        return Response(page(request, card.operations.all(), shown))


class Reverse(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "reverse",
        "Undo an operation, whole and once",
        body=ReverseBody,
        answers={200: answers.Done},
        refuses=["not_found", "illegal_operation", "already_reversed", "insufficient_balance"],
        keyed=True,
    )
    def post(self, request: Request, operation_id: int) -> Response:
        """A token may undo what it did itself in the last 15 minutes. What a platform's order
        earned is undone by refunding the order."""
        wanted = keys.required(request, self.token)
        reason = self.read(ReverseBody)["reason"]
        answer = counter.reverse(operation_id, reason, by=self.by, request=wanted, now=clock.now())
        return self.told(answer)
