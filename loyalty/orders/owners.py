"""A customer's orders go with them when they are merged into another."""

from collections.abc import Mapping
from typing import Any

from loyalty import bulk
from loyalty.models.order import Order, OrderEarning


def forget(customer_id: int) -> None:
    """Of what somebody bought only how many stays: platforms let people have words put on things,
    and say more of each than anybody reads."""
    rows = list(Order.objects.filter(customer=customer_id).exclude(lines=[]).order_by("pk"))
    for order in rows:
        order.lines = [_how_many(line) for line in order.lines]
    bulk.update(Order, rows, ["lines"])


def _how_many(line: Any) -> dict[str, int | float]:
    quantity = line.get("quantity") if isinstance(line, dict) else None
    return {"quantity": quantity} if isinstance(quantity, int | float) else {}


def change_owner(gone_id: int, kept_id: int, cards: Mapping[int, int]) -> None:
    """Their orders are the other's from now on; what an order is still to give, and has given
    nothing of, goes to the card that took the place of theirs. What it gave stays where it was
    given: the refund of it is owed by the card that took its place."""
    Order.objects.filter(customer=gone_id).update(customer=kept_id)
    for card_id, into in cards.items():
        waiting = OrderEarning.objects.filter(card=card_id, ripe_at__isnull=False, amount=0)
        waiting.filter(counted_cents=0).update(card=into)
