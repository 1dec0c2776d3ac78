"""A code in front of the reader."""

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, counter, guesses
from loyalty.api import answers, keys
from loyalty.api.cards import CardEndpoint
from loyalty.api.fields import Fields, Text
from loyalty.api.schema import OPTIONAL_KEY, REPLAY, says
from loyalty.errors import NotFound


class ScanBody(Fields):
    code = Text(max_length=200, help_text="The QR code's text, the typed number or the serial.")


class Scan(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "scan",
        "Show the card behind a code, and tell that it was scanned",
        body=ScanBody,
        answers={200: answers.CardOnly},
        refuses=["not_found", "throttled", "key_reuse"],
        parameters=[OPTIONAL_KEY, REPLAY],
    )
    def post(self, request: Request) -> Response:
        """An expired card is shown, not refused. A token that asks for more than 60 unknown codes
        in ten minutes is told to wait; codes that exist are always answered."""
        code = self.read(ScanBody)["code"]
        wanted = keys.optional(request, self.token)
        now = clock.now()
        try:
            card, is_replay = counter.scan(code, by=self.by, request=wanted, now=now)
        except NotFound:
            guesses.count(self.token, now=now)
            raise
        headers = {keys.REPLAYED: "true"} if is_replay else {}
        return Response({"card": self.show(card, now)}, headers=headers)
