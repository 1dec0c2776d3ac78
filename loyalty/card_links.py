"""The secret address of a card's page: made when it is first needed, replaced when it leaked."""

import secrets
from datetime import datetime

from django.conf import settings
from django.urls import reverse

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


def address(card: Card, *, now: datetime) -> str:
    """The whole address; whoever has it sees the card and its QR."""
    return str(settings.PUBLIC_BASE_URL) + reverse("card", args=[key_of(card, now=now)])


def revoke(card: Card) -> None:
    """Whoever had the address has it no more; the next `key_of` makes another. May be repeated."""
    CardLink.objects.filter(card=card).delete()


def find(key: str) -> Card:
    """The card of that address; NotFound for an unknown key, a blocked and a deleted card."""
    if not is_storable(key) or len(key) > LONGEST:
        raise NotFound
    cards = Card.objects.active().filter(link__key=key, customer__erased_at=None)
    card = cards.select_related("customer", "link", "plan").prefetch_related("program").first()
    if card is None:
        raise NotFound
    return card
