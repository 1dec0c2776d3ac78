"""What an order earns and may be given only some days later."""

from datetime import datetime

from loyalty.causes import CLOCK
from loyalty.models.order import OrderEarning
from loyalty.orders import recording


def is_due(now: datetime) -> bool:
    """Whether something has waited long enough."""
    return OrderEarning.objects.filter(ripe_at__lte=now).exists()


def ripen(limit: int, *, now: datetime) -> int:
    """Give what up to that many earnings waited for; says of how many.

    Harmless when nothing is due, and when it runs twice.
    """
    due = OrderEarning.objects.filter(ripe_at__lte=now).order_by("ripe_at", "pk")
    found = list(due.values_list("order__key", "order__platform")[:limit])
    for key, platform in dict.fromkeys(found):
        recording.settle_again(key, platform, cause=CLOCK, now=now)
    return len(found)
