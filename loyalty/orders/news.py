"""What there is to tell of an order: all that its state implies; keys make each of it once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from loyalty import events
from loyalty.causes import Cause
from loyalty.models.order import Order, OrderStatus

# A completed order was paid, whether or not anybody told us.
IMPLIED: dict[str, tuple[type[events.OrderFact], ...]] = {
    OrderStatus.PENDING: (events.OrderCreated,),
    OrderStatus.PAID: (events.OrderCreated, events.OrderPaid),
    OrderStatus.COMPLETED: (events.OrderCreated, events.OrderPaid, events.OrderCompleted),
    OrderStatus.CANCELLED: (events.OrderCreated, events.OrderCancelled),
}


def tell(order: Order, *, location_id: int | None = None, cause: Cause, now: datetime) -> None:
    """Write what is news, and where it happened if it was at a till of ours. An order that has not
    arrived, or is nobody's, has none. Repeatable."""
    if order.placed_at is None or order.customer_id is None:
        return
    events.write(
        [
            events.draft(
                fact,
                key=f"order:{order.key}:{word}",
                customer_id=order.customer_id,
                location_id=location_id,
                cause=cause,
                now=now,
            )
            for word, fact in _facts(order)
        ]
    )


def _facts(order: Order) -> Iterator[tuple[str, events.Fact]]:
    seen = _as_seen(order)
    for fact in IMPLIED[order.status]:
        yield fact.name.removeprefix("order_"), fact(**seen)
    for refund in order.refunds.exclude(amount_cents=0).order_by("pk"):
        word = f"refunded:{refund.pk}:{refund.amount_cents}"
        yield word, events.OrderRefunded(**seen, amount_cents=refund.amount_cents)


def _as_seen(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.pk,
        "key": order.key,
        "platform": order.platform,
        "status": order.status,
        "currency": order.currency,
        "subtotal_cents": order.subtotal_cents,
        "tax_cents": order.tax_cents,
        "total_cents": order.total_cents,
        "refunded_cents": order.refunded_cents,
        "net_cents": order.net_cents,
    }
