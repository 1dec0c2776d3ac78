"""Claims: what is held of a card, handed over or given back."""

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, counter
from loyalty.api import answers, keys
from loyalty.api.cards import AT_THE_TILL, CardEndpoint, RedeemBody
from loyalty.api.fields import Fields, Moment, Text
from loyalty.api.schema import says
from loyalty.counter import Wish

SETTLED = ("not_found", "already_redeemed", "already_reversed")


class HoldBody(RedeemBody):
    until = Moment(required=False, help_text="Default: a day from now; at most 30 days.")


class VoidBody(Fields):
    reason = Text(
        required=False, allow_blank=True, max_length=250, help_text="Kept with the operation."
    )


class Hold(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "hold",
        "Hold what is to be redeemed",
        body=HoldBody,
        answers={200: answers.Done},
        refuses=[*AT_THE_TILL, "reward_unavailable", "already_redeemed"],
        keyed=True,
    )
    def post(self, request: Request, serial: str) -> Response:
        """As a redemption, but with a deadline: the answer's `claim` is captured when the checkout
        is paid, or voided; at its deadline it goes back by itself."""
        wanted = keys.required(request, self.token)
        fields = self.read(HoldBody)
        until = fields.pop("until", None)
        if "reward" in fields:
            fields["reward_id"] = fields.pop("reward")
        answer = counter.hold(
            serial, Wish(**fields), until, by=self.by, request=wanted, now=clock.now()
        )
        return self.told(answer)


class Capture(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "capture",
        "Hand over what is held",
        body=Fields,
        answers={200: answers.Done},
        refuses=[*SETTLED, "claim_over"],
        keyed=True,
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """One of a card's `claims`: it is spent for good."""
        wanted = keys.required(request, self.token)
        self.read(Fields)
        answer = counter.capture(claim_id, by=self.by, request=wanted, now=clock.now())
        return self.told(answer)


class Void(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "void",
        "Give back what is held",
        body=VoidBody,
        answers={200: answers.Done},
        refuses=SETTLED,
        keyed=True,
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """One of a card's `claims`: it goes back to where it came from."""
        wanted = keys.required(request, self.token)
        reason = self.read(VoidBody).get("reason", "")
        answer = counter.void(claim_id, reason, by=self.by, request=wanted, now=clock.now())
        return self.told(answer)
