"""What an order earns and may be given only some days later."""

from datetime import datetime

from django.db.models import Q, QuerySet

from loyalty.causes import CLOCK
from loyalty.models.card import CardStatus
from loyalty.models.order import OrderEarning
from loyalty.orders import recording


def is_due(now: datetime) -> bool:
    """Whether something has waited long enough."""
    return _ripe(now).exists()


def ripen(limit: int, *, now: datetime) -> int:
    """Give what up to that many earnings waited for; says of how many.

    Harmless when nothing is due, and when it runs twice.
    """
    found = list(_ripe(now).values_list("order__key", "order__platform")[:limit])
    for key, platform in dict.fromkeys(found):
        recording.settle_again(key, platform, cause=CLOCK, now=now)
    return len(found)


def _ripe(now: datetime) -> "QuerySet[OrderEarning]":
    """On cards that can be used now; on others it waits until they can, or for ever."""
    return OrderEarning.objects.filter(
        Q(card__expires_at=None) | Q(card__expires_at__gt=now),
        card__status=CardStatus.ACTIVE,
        ripe_at__lte=now,
    ).order_by("ripe_at", "pk")
