from typing import Any

from loyalty.models.order import Order
from loyalty.shapes import moment


def shape(order: Order) -> dict[str, Any]:
    """How an order looks from outside; reads `earnings` with their `card` (prefetch for lists)."""
    return {
        "key": order.key,
        "platform": order.platform,
        "status": order.status,
        "customer": {"id": order.customer_id} if order.customer_id else None,
        "placed_at": moment(order.placed_at),
        "subtotal_cents": order.subtotal_cents,
        "tax_cents": order.tax_cents,
        "total_cents": order.total_cents,
        "refunded_cents": order.refunded_cents,
        "currency": order.currency,
        "lines": order.lines,
        "note": order.note,
        "earned": earned(order),
    }


def earned(order: Order) -> list[dict[str, Any]]:
    """What the order has given so far, card by card."""
    return [
        {"serial": row.card.serial, "unit": row.unit, "amount": row.amount}
        for row in order.earnings.all()
    ]
