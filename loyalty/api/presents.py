"""Gift cards that are delivered to somebody else, on a day."""

from typing import Any

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, presents
from loyalty.api import keys
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Amount, Fields, Moment, Text
from loyalty.api.schema import says
from loyalty.errors import NotFound
from loyalty.models import Present
from loyalty.models.present import PresentState
from loyalty.presents import LONGEST_MESSAGE, Wish
from loyalty.shapes import moment


class ReceiverBody(Fields):
    email = Text(max_length=254)
    first_name = Text(required=False, allow_blank=True, max_length=120)


class PresentBody(Fields):
    program = Text(max_length=60, help_text="The slug of a gift program.")
    amount = Amount(help_text="In minor units of the program's currency.")
    to = ReceiverBody()
    giver = Text(required=False, allow_blank=True, max_length=120, help_text="Who gives it.")
    message = Text(required=False, allow_blank=True, max_length=LONGEST_MESSAGE)
    deliver_at = Moment(required=False, help_text="Absent or past: at once.")


class PresentAnswer(s.Serializer):
    id = s.IntegerField()
    program = s.CharField()
    amount = s.IntegerField()
    to = s.EmailField()
    state = s.ChoiceField(choices=PresentState.values)
    note = s.CharField(help_text="Why it could not be delivered.")
    deliver_at = s.DateTimeField()
    delivered_at = s.DateTimeField(allow_null=True)
    serial = s.CharField(allow_null=True, help_text="The card's, once it was delivered.")


class Presents(Endpoint):
    scopes = {"POST": ("customers",)}

    @says(
        "prepare_present",
        "Send a gift card to somebody else, now or on a day",
        body=PresentBody,
        answers={201: PresentAnswer},
        refuses=["illegal_operation"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """There is no card, and nobody is told, before its day; then its receiver gets a letter."""
        wanted = keys.required(request, self.token)
        fields = self.read(PresentBody)
        to = fields.pop("to")
        wish = Wish(to_email=to["email"], to_name=to.get("first_name", ""), **fields)
        present, is_new = presents.prepare(
            wish,
            key=wanted.key,
            fingerprint=wanted.fingerprint,
            actor=self.by.actor,
            now=clock.now(),
        )
        headers = {} if is_new else {keys.REPLAYED: "true"}
        return Response(shown(present), status=201, headers=headers)


class OnePresent(Endpoint):
    scopes = {"GET": ("customers",), "DELETE": ("customers",)}

    @says("get_present", "A present", answers={200: PresentAnswer}, refuses=["not_found"])
    def get(self, request: Request, present_id: int) -> Response:
        return Response(shown(_find(present_id)))

    @says("cancel_present", "Do not deliver it", answers={204: None}, refuses=["not_found"])
    def delete(self, request: Request, present_id: int) -> Response:
        """May be repeated; 403 once it was delivered."""
        presents.cancel(_find(present_id), now=clock.now())
        return Response(status=204)


def _find(present_id: int) -> Present:
    found = Present.objects.select_related("program", "card").filter(pk=present_id).first()
    if found is None:
        raise NotFound
    return found


def shown(present: Present) -> dict[str, Any]:
    return {
        "id": present.pk,
        "program": present.program.slug,
        "amount": present.amount,
        "to": present.to_email,
        "state": present.state,
        "note": present.note,
        "deliver_at": moment(present.deliver_at),
        "delivered_at": moment(present.delivered_at),
        "serial": present.card.serial if present.card else None,
    }
