"""What every verb of the counter writes and says: its posting, and the answer kept for replays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from loyalty import ledger, shapes
from loyalty.counter.words import Answer, By, Request
from loyalty.errors import KeyReuse, NotFound
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models import Card


def replay(request: Request) -> Answer | None:
    """The very answer given to that key before; NotFound once the card is gone."""
    posted = ledger.find_posted(request.key, request.fingerprint)
    if posted is None:
        return None
    rows = Card.objects.active().select_related("customer__standing__tier")
    card = rows.filter(pk=posted.card_id).first()
    if card is None or posted.answer is None:
        raise NotFound
    is_first = not card.operations.filter(pk__lt=posted.id).exists()
    return Answer(posted.answer, card, is_replay=True, is_new=is_first)


@contextmanager
def twins() -> Iterator[None]:
    """The same key at the same moment for another card: the second finds the row in its way."""
    try:
        yield
    except IntegrityError as error:
        if "key" not in str(error):
            raise
        raise KeyReuse from error


def posting(card: Card, kind: Kind, by: By, request: Request, **more: Any) -> Posting:
    return Posting(
        card_id=card.pk,
        kind=kind,
        key=request.key,
        fingerprint=request.fingerprint,
        actor=by.actor,
        cause=by.cause,
        location_id=by.location_id,
        **more,
    )


def answer(
    book: Book, posted: Posted, now: datetime, more: Mapping[str, Any] | None = None
) -> Answer:
    card = book.card(posted.card_id)
    if posted.is_replay:
        return Answer(posted.answer or {}, card, is_replay=True)
    body: dict[str, Any] = {
        "operation": shapes.operation(posted),
        "card": shapes.card(card, book.held(card.pk), now),
        "crossed": shapes.crossed(card.program, posted),
        **(more or {}),
    }
    book.answer(posted, body)
    return Answer(body, card)
