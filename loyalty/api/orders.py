"""Purchases, wherever they were made."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, customers, orders
from loyalty.api import answers
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Cents, Fields, Json, Moment, Text
from loyalty.api.pagination import Turning, page
from loyalty.api.people import Person, named
from loyalty.api.schema import pages_of, says
from loyalty.errors import NotFound
from loyalty.models import Order
from loyalty.models.order import OrderStatus
from loyalty.orders import OrderData
from loyalty.orders.data import MOST_LINES


class OrderBody(Fields):
    key = Text(max_length=150, help_text="Unique, whatever the platform.")
    customer = Person()
    placed_at = Moment(required=False, help_text="Usually: now.")
    subtotal_cents = Cents(required=False)
    tax_cents = Cents(required=False)
    total_cents = Cents(help_text="Tax and shipping included; what the order earns on.")
    currency = Text(help_text="Such as USD.")
    lines = serializers.ListField(child=Json(), required=False, max_length=MOST_LINES)
    status = serializers.ChoiceField(choices=OrderStatus.values, help_text="Moves forward only.")
    refunded_cents = Cents(required=False, help_text="All refunds so far, together.")
    platform = Text(required=False, max_length=40)


class OrderFilter(Turning):
    customer = Text(required=False, help_text="An id, email, phone or external id.")


def shown(rows: Sequence[Order]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "earnings__card")
    return [orders.shape(order) for order in rows]


class Orders(Endpoint):
    scopes = {"GET": ("events",), "POST": ("events",)}

    @says(
        "list_orders",
        "Orders, newest first",
        asks=OrderFilter,
        answers={200: pages_of(answers.Order)},
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(OrderFilter)
        rows = Order.objects.all()
        if "customer" in asked:
            rows = rows.filter(customer=customers.find(named(asked["customer"])) or -1)
        return Response(page(request, rows, shown))

    @says(
        "record_order",
        "Record an order, or what became of it",
        body=OrderBody,
        answers={201: answers.OrderOnly, 200: answers.OrderOnly},
        refuses=["customer_conflict"],
    )
    def post(self, request: Request) -> Response:
        """One order for each key, sent as often as it changes. A customer whom nobody knows is
        made, without consent; an unknown id is refused."""
        data = OrderData(**self.read(OrderBody))
        order, made = orders.record(data, cause=self.cause, now=clock.now())
        return Response({"order": shown([order])[0]}, status=201 if made else 200)


class OneOrder(Endpoint):
    scopes = {"GET": ("events",)}

    @says("read_order", "Show an order", answers={200: answers.OrderOnly}, refuses=["not_found"])
    def get(self, request: Request, key: str) -> Response:
        order = Order.objects.filter(key=key).first()
        if order is None:
            raise NotFound
        return Response({"order": shown([order])[0]})
