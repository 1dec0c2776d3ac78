"""How a card is found by what was scanned, typed or sent."""

from django.db.models import Q

from loyalty.cleaning import is_storable
from loyalty.errors import NotFound
from loyalty.models.card import Card

LONGEST_CODE = 64


def find(text: str) -> Card:
    """The card of a QR's text, a typed number (spaces and dashes allowed) or a serial.

    NotFound for one that is unknown, blocked or deleted: from outside these look the same.
    """
    text = text.strip()
    if not is_storable(text) or len(text) > LONGEST_CODE:
        raise NotFound
    number = text.replace(" ", "").replace("-", "")
    return _only(Q(code=text) | Q(serial=text) | Q(number=number))


def by_serial(serial: str) -> Card:
    """The card of that serial; NotFound as `find`."""
    if not is_storable(serial):
        raise NotFound
    return _only(Q(serial=serial))


def _only(condition: Q) -> Card:
    """The one itself, or the one that took its place when customers were merged."""
    card = Card.objects.active().filter(condition).select_related("customer").first()
    if card is None:
        places = Card.objects.filter(condition).exclude(merged_into=None).values("merged_into")
        card = Card.objects.active().filter(pk__in=places).select_related("customer").first()
    if card is None:
        raise NotFound
    return card
