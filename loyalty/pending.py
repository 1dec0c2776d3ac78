"""What orders are still to give a card, when their days are over."""

from loyalty.models import Card


def of(card: Card) -> dict[str, int]:
    """By unit, as things stand."""
    waiting = card.order_earnings.filter(ripe_at__isnull=False).select_related("order")
    total: dict[str, int] = {}
    for row in waiting:
        amount = row.order.net_cents * row.earn_amount // row.earn_per_cents
        total[row.unit] = total.get(row.unit, 0) + amount
    return total
