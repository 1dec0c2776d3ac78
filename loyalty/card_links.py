"""The secret address of a card's page: made when it is first needed, replaced when it leaked."""

import secrets
from datetime import datetime
from typing import Any

from loyalty.cleaning import is_storable
from loyalty.errors import NotFound
from loyalty.models import Card, CardLink

LONGEST = 40


def key_of(card: Card, *, now: datetime) -> str:
    """The end of the card's address; the same until `revoke`."""
    link, _made = CardLink.objects.get_or_create(
        card=card, defaults={"key": secrets.token_urlsafe(24), "made_at": now}
    )
    return link.key


def revoke(card: Card) -> None:
    """Whoever had the address has it no more, nor that of a card whose place it took; the next
    `key_of` makes another. May be repeated."""
    closed = Card.objects.closed_into(card).values_list("pk", flat=True)
    CardLink.objects.filter(card__in=[card.pk, *closed]).delete()


def find(key: str) -> Card:
    """The card of that address, or the one that took its place when customers were merged;
    NotFound for an unknown key, a blocked and a deleted card."""
    if not is_storable(key) or len(key) > LONGEST:
        raise NotFound
    places = CardLink.objects.filter(key=key).values("card__merged_into")
    card = _open(link__key=key) or _open(pk__in=places.exclude(card__merged_into=None))
    if card is None:
        raise NotFound
    return card


def _open(**where: Any) -> Card | None:
    cards = Card.objects.active().filter(customer__erased_at=None, **where)
    return cards.select_related("customer", "link", "plan").prefetch_related("program").first()
