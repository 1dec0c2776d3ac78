"""Coupon codes at the till, and giving them to customers."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, coupons, customers, guesses, naming
from loyalty.api import answers, keys
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Cents, Fields, Text
from loyalty.api.pagination import Turning, page
from loyalty.api.people import Person, named
from loyalty.api.schema import pages_of, says
from loyalty.coupons import Basket
from loyalty.errors import Invalid, NotFound
from loyalty.models import Campaign, Coupon, Customer
from loyalty.models.coupon import CouponState

REFUSALS = (
    *("not_found", "already_redeemed", "coupon_expired", "coupon_unavailable"),
    *("amount_required", "throttled"),
)


class CouponOff(serializers.Serializer):
    percent = serializers.CharField(required=False)
    cents = serializers.IntegerField(required=False)


class CouponCampaign(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    offer = serializers.CharField(help_text="What customers read.")


class CouponShape(serializers.Serializer):
    code = serializers.CharField()
    campaign = CouponCampaign()
    kind = serializers.ChoiceField(choices=["percent", "fixed", "gift", "text"])
    off = CouponOff(required=False, help_text="Absent: the coupon is a thing.")
    currency = serializers.CharField()
    minimum_cents = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["ready", "issued", "redeemed", "void", "expired"])
    issued_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    redeemed_at = serializers.DateTimeField(allow_null=True)
    customer = answers.Id(allow_null=True)


class CouponProblem(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class CheckedShape(serializers.Serializer):
    coupon = CouponShape()
    off_cents = serializers.IntegerField(allow_null=True, help_text="Of `total_cents`, if given.")
    problem = CouponProblem(
        allow_null=True, help_text="Why it cannot be redeemed now; null: it can."
    )


class RedemptionShape(serializers.Serializer):
    at = serializers.DateTimeField()
    order_key = serializers.CharField()
    total_cents = serializers.IntegerField(allow_null=True)
    off_cents = serializers.IntegerField(allow_null=True)


class RedeemedShape(serializers.Serializer):
    coupon = CouponShape()
    redemption = RedemptionShape()


class CodeBody(Fields):
    code = Text(max_length=80, help_text="As it was typed: neither case nor spaces matter.")
    customer = Person(required=False)
    total_cents = Cents(required=False, help_text="The order before the coupon, in minor units.")
    currency = Text(required=False, max_length=3, help_text="Usually the campaign's.")


class RedeemCouponBody(CodeBody):
    order_key = Text(
        required=False, max_length=150, help_text="So that the code comes back with a refund."
    )


class IssueCouponBody(Fields):
    campaign = Text(max_length=60, help_text="The campaign's slug.")
    customer = Person()


class CouponFilter(Turning):
    campaign = Text(required=False, help_text="A slug.")
    customer = Text(required=False, help_text="An id, email, phone or external id.")
    state = serializers.ChoiceField(choices=CouponState.values, required=False)


def shown(rows: Sequence[Coupon]) -> list[dict[str, Any]]:
    now = clock.now()
    return [coupons.shape(coupon, now) for coupon in rows]


class CodeEndpoint(Endpoint):
    """An address that is asked by code."""

    scopes = {"POST": ("scanner",)}

    def basket(self, fields: dict[str, Any]) -> tuple[Basket, Customer | None]:
        basket = Basket(
            fields.get("order_key", ""), fields.get("total_cents"), fields.get("currency", "")
        )
        return basket, naming.customer(fields["customer"]) if "customer" in fields else None

    def no_such_code(self) -> None:
        """Counts: codes must not be guessed."""
        guesses.count(self.token, now=clock.now())


class CheckCoupon(CodeEndpoint):
    @says(
        "check_coupon",
        "What a coupon code is worth now",
        body=CodeBody,
        answers={200: CheckedShape},
        refuses=["not_found", "throttled"],
    )
    def post(self, request: Request) -> Response:
        """Changes nothing. A token that asks for more than 60 unknown codes in ten minutes is told
        to wait."""
        fields, now = self.read(CodeBody), clock.now()
        basket, customer = self.basket(fields)
        try:
            found = coupons.check(fields["code"], basket, customer=customer, now=now)
        except NotFound:
            self.no_such_code()
            raise
        refusal = found.refusal
        problem = {"code": refusal.code, "message": refusal.message} if refusal else None
        shape = coupons.shape(found.coupon, now)
        return Response({"coupon": shape, "off_cents": found.off_cents, "problem": problem})


class RedeemCoupon(CodeEndpoint):
    @says(
        "redeem_coupon",
        "Redeem a coupon code",
        body=RedeemCouponBody,
        answers={200: RedeemedShape},
        refuses=REFUSALS,
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """Once: a code that two tills send at the same moment is redeemed by one of them."""
        wanted = keys.required(request, self.token)
        fields, by = self.read(RedeemCouponBody), self.by
        basket, customer = self.basket(fields)
        wish = coupons.Wish(wanted.key, wanted.fingerprint, by.actor, by.cause, by.location_id)
        now = clock.now()
        try:
            done = coupons.redeem(fields["code"], basket, customer=customer, wish=wish, now=now)
        except NotFound:
            self.no_such_code()
            raise
        return Response(done.body, headers={keys.REPLAYED: "true"} if done.is_replay else {})


class Coupons(Endpoint):
    scopes = {"GET": ("customers",), "POST": ("customers",)}

    @says(
        "list_coupons",
        "Coupon codes, newest first",
        asks=CouponFilter,
        answers={200: pages_of(CouponShape)},
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(CouponFilter)
        rows = Coupon.objects.select_related("campaign")
        if "campaign" in asked:
            rows = rows.filter(campaign__slug=asked["campaign"])
        if "customer" in asked:
            rows = rows.filter(customer=customers.find(named(asked["customer"])) or -1)
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        return Response(page(request, rows, shown))

    @says(
        "issue_coupon",
        "Give a customer a coupon code",
        body=IssueCouponBody,
        answers={200: CouponShape},
        refuses=["campaign_exhausted", "coupon_unavailable"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """The same Idempotency-Key gives the same code, as it is by now."""
        wanted = keys.required(request, self.token)
        fields = self.read(IssueCouponBody)
        campaign = Campaign.objects.filter(slug=fields["campaign"]).first()
        if campaign is None:
            problem = _("There is no campaign “%s”.") % fields["campaign"]
            raise Invalid({"campaign": [problem]})
        now, customer = clock.now(), naming.customer(fields["customer"])
        coupon = coupons.issue(campaign, customer, key=wanted.key, now=now)
        return Response(coupons.shape(coupon, now))


class OneCoupon(Endpoint):
    scopes = {"GET": ("customers",)}

    @says("read_coupon", "Show a coupon code", answers={200: CouponShape}, refuses=["not_found"])
    def get(self, request: Request, code: str) -> Response:
        return Response(coupons.shape(coupons.find(code), clock.now()))
