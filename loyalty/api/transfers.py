"""From one card to another."""

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, counter
from loyalty.api import answers, keys
from loyalty.api.cards import CardEndpoint
from loyalty.api.fields import Amount, Fields, Text
from loyalty.api.schema import says


class TransferBody(Fields):
    to = Text(max_length=32, help_text="The serial of the card that gets it.")
    amount = Amount(help_text="How many of `unit`.")
    unit = Text(required=False, max_length=12, help_text="Usually what its program spends.")


class Transfer(CardEndpoint):
    scopes = {"POST": ("adjust",)}

    @says(
        "transfer",
        "Move what a card holds to another one",
        body=TransferBody,
        answers={200: answers.Done},
        refuses=["not_found", "illegal_operation", "insufficient_balance", "card_expired"],
        keyed=True,
    )
    def post(self, request: Request, serial: str) -> Response:
        """Where the programs of both allow it and they count the same; what is moved keeps its end.
        Reversing either operation reverses both."""
        wanted = keys.required(request, self.token)
        fields = self.read(TransferBody)
        answer = counter.transfer(
            serial, fields["to"], fields["amount"], fields.get("unit", ""),
            by=self.by, request=wanted, now=clock.now(),
        )  # fmt: skip
        return self.told(answer)
