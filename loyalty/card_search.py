"""How a card is found by what was scanned, typed or sent."""

from django.db.models import Exists, F, OuterRef, Q

from loyalty import program_memory
from loyalty.cleaning import is_storable
from loyalty.errors import NotFound
from loyalty.models.card import Card
from loyalty.models.hold import Hold

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
    if card := _first(condition):
        return card
    places = Card.objects.filter(condition).exclude(merged_into=None).values("merged_into")
    if card := _first(Q(pk__in=places)):
        return card
    raise NotFound


def _first(condition: Q) -> Card | None:
    """With all that a till shows of it beside what it holds, in one statement."""
    rows = Card.objects.active().filter(condition).select_related("customer__standing__tier")
    claims = Hold.objects.open().filter(card=OuterRef("pk"))
    card = rows.annotate(program_version=F("program__version"), claimed=Exists(claims)).first()
    if card is not None:
        card.program = program_memory.program(card.program_id, card.program_version)
        card.has_claims = card.claimed
    return card
