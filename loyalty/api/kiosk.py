"""A customer alone with a kiosk."""

from dataclasses import replace

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, counter, guesses
from loyalty.api import answers, keys
from loyalty.api.cards import AT_THE_TILL, CardEndpoint
from loyalty.api.scan import ScanBody
from loyalty.api.schema import says
from loyalty.counter import By
from loyalty.counter.kiosk import ACTOR
from loyalty.errors import NotFound


class Kiosk(CardEndpoint):
    scopes = {"POST": ("kiosk",)}

    @says(
        "serve",
        "Do what a card is for: count a visit, give a stamp, redeem a coupon",
        body=ScanBody,
        answers={200: answers.Done},
        refuses=[*AT_THE_TILL, "already_redeemed", "too_soon", "throttled"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """For cards on which nobody has to say a sum: stamp and reward cards by hand or by visit,
        memberships, multipasses and coupons. A card that any kiosk served within the token's rest
        is refused as `too_soon`, with the seconds to wait in `Retry-After`."""
        wanted = keys.required(request, self.token)
        code, now = self.read(ScanBody)["code"], clock.now()
        try:
            answer = counter.serve(code, by=self.kiosk, request=wanted, now=now)
        except NotFound:
            guesses.count(self.token, now=now)
            raise
        return self.told(answer)

    @property
    def kiosk(self) -> By:
        rest = self.token.rest
        return replace(self.by, actor=f"{ACTOR}{self.token.pk}", may_adjust=False, rest=rest)
