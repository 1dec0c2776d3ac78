"""What a customer's orders come to; one definition for conditions in memory and in SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from loyalty.models import Business, Order
from loyalty.models.order import OrderStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """`orders_count` counts paid and completed orders, `total_spent` is what they came to less
    refunds, in minor units of the business's currency (orders in others are left out)."""

    orders_count: int = 0
    total_spent: int = 0


NOTHING = Totals()
EVERY = Q()


def counted(currency: str | Combinable, which: Q = EVERY) -> "QuerySet[Order, Any]":
    """Rows of `customer_id`, `orders_count`, `total_spent`, one for each customer who ordered;
    `which` of the orders are counted."""
    net = Greatest(F("total_cents") - F("refunded_cents"), Value(0))
    in_our_money = Case(When(currency=currency, then=net), default=0, output_field=IntegerField())
    return (
        Order.objects.filter(
            which, status__in=[OrderStatus.PAID, OrderStatus.COMPLETED], customer__isnull=False
        )
        .order_by()
        .values("customer_id")
        .annotate(orders_count=Count("pk"), total_spent=Coalesce(Sum(in_our_money), 0))
    )


def of(customer_ids: Collection[int]) -> dict[int, Totals]:
    """The totals of those of them who have ordered; two queries for any number of customers."""
    rows = counted(Business.get().currency).filter(customer_id__among=customer_ids)
    return {row["customer_id"]: Totals(row["orders_count"], row["total_spent"]) for row in rows}


class OfMany:
    """The same, asked of the database when somebody wants to know of the first of them."""

    def __init__(self, customer_ids: Collection[int]) -> None:
        self._customer_ids = customer_ids

    @cached_property
    def _found(self) -> dict[int, Totals]:
        return of(self._customer_ids)

    def __call__(self, customer_id: int) -> Totals:
        return self._found.get(customer_id, NOTHING)
