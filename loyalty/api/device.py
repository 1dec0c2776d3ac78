"""The device that asks: where it stands, and what it can offer."""

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, tokens
from loyalty.api.endpoint import Endpoint
from loyalty.api.schema import says
from loyalty.counter import UNDO_WINDOW, offers
from loyalty.models import Business, Program


class Earning(s.Serializer):
    unit = s.CharField()
    asks = s.ChoiceField(choices=["amount", "visits", "purchase_cents"])
    handy = s.ListField(child=s.IntegerField(), help_text="Amounts that are given most often.")


class Redeeming(s.Serializer):
    unit = s.CharField()
    amount = s.IntegerField(allow_null=True, help_text="What {} redeems; null: say how much.")


class PricedIn(s.Serializer):
    unit = s.CharField()


class Offered(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    type = s.CharField()
    color = s.CharField()
    currency = s.CharField()
    units = s.DictField(child=s.CharField(), help_text="A word for each.")
    money_units = s.ListField(child=s.CharField())
    promise = s.CharField(help_text="What a card is good for, where its units do not say it.")
    row = s.IntegerField(allow_null=True, help_text="How many are drawn as a row to fill.")
    comes_for = s.ChoiceField(choices=["accrue", "redeem"], help_text="What most come for.")
    accrue = Earning(allow_null=True)
    redeem = Redeeming(allow_null=True)
    rewards = PricedIn(allow_null=True)
    is_for_kiosks = s.BooleanField()


class Shop(s.Serializer):
    name = s.CharField()
    currency = s.CharField()
    time_zone = s.CharField()


class DeviceAnswer(s.Serializer):
    name = s.CharField()
    mode = s.ChoiceField(choices=["till", "kiosk"])
    location = s.CharField(allow_null=True)
    business = Shop()
    programs = Offered(many=True)
    undo_seconds = s.IntegerField()


class Device(Endpoint):
    scopes = {"GET": ("scanner", "kiosk"), "DELETE": ("scanner", "kiosk")}

    @says("read_device", "What a scanner needs to know before its first scan",
          answers={200: DeviceAnswer})  # fmt: skip
    def get(self, request: Request) -> Response:
        """The token's name and place, and the programs in use with what a till offers on them."""
        business, token = Business.get(), self.token
        programs = Program.objects.filter(is_active=True).order_by("pk")
        return Response(
            {
                "name": token.name,
                "mode": "till" if token.allows("scanner") else "kiosk",
                "location": token.location.name if token.location else None,
                "business": {
                    "name": business.name,
                    "currency": business.currency,
                    "time_zone": business.time_zone,
                },
                "programs": [offers.of(program) for program in programs],
                "undo_seconds": int(UNDO_WINDOW.total_seconds()),
            }
        )

    @says("leave", "Give the token back: from now on it opens nothing", answers={204: None})
    def delete(self, request: Request) -> Response:
        tokens.revoke(self.token, now=clock.now())
        return Response(status=204)
