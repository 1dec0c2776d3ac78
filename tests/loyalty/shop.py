"""A shop that tells us of Dora's orders."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from loyalty import orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import Card, Customer, Event, Operation, Order
from loyalty.orders import OrderData
from tests.cast import balances

SHOP = Cause("webhook:1")


def record(now: datetime, **changes: Any) -> tuple[Order, bool]:
    said: dict[str, Any] = {
        "key": "shop:1",
        "customer": Who(email="dora@example.com"),
        "currency": "USD",
    } | changes
    return orders.record(OrderData(**said), cause=SHOP, now=now)


def paid(now: datetime, total_cents: int, **said: Any) -> Order:
    return record(now, status="paid", total_cents=total_cents, **said)[0]


def refund(now: datetime, amount_cents: int, key: str = "r1") -> Order:
    return orders.refund("shop:1", key, amount_cents, cause=SHOP, now=now)


def points(card: Card) -> int:
    return balances(card)["points"]


def told(name: str) -> QuerySet[Event]:
    return Event.objects.filter(name=name)


def snapshot() -> tuple[object, ...]:
    """To see that nothing changed."""
    return (
        list(Order.objects.order_by("pk").values()),
        Operation.objects.count(),
        Event.objects.count(),
        Customer.objects.count(),
    )
