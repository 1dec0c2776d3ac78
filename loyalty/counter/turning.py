"""A coupon that turns into a card of another program when it is redeemed, and back when that is
undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from loyalty import cards, customers, ledger
from loyalty.counter import slips
from loyalty.counter.words import By, Request
from loyalty.ledger import Book, Kind
from loyalty.models import Card, Operation, OrderEarning
from loyalty.models.card import CardStatus
from loyalty.postings import Posting


@contextmanager
def may_issue(card: Card, turns: bool) -> Iterator[None]:
    """Customers are locked before accounts, and who gets another card needs that."""
    if not turns:
        yield
        return
    with transaction.atomic():
        customers.lock([card.customer_id])
        yield


def turn(book: Book, card: Card, redeemed: int, by: By, now: datetime) -> dict[str, Any]:
    """The card that a redeemed coupon turns into, with its first stamp; `redeemed` is the operation
    (its id) that took the coupon."""
    program = card.program.becomes
    if program is None or not program.is_active:
        return {}
    key = _key(redeemed)
    new, is_new = cards.issue(
        program, card.customer, cause=by.cause, now=now, key=key, actor=by.actor,
        location_id=by.location_id, book=book,
    )  # fmt: skip
    if is_new and program.first:
        request = Request(f"{key}:first", "")
        book.post(
            slips.posting(new, Kind.ACCRUE, by, request, unit=program.earns, amount=program.first)
        )
    return {"issued": {"program": program.slug, "serial": new.serial}}


def made_by(operation: Operation) -> Operation | None:
    """The issue of the card that this redemption's coupon turned into, if it made one."""
    rows = Operation.objects.filter(key=_key(operation.pk), kind=Kind.ISSUE)
    return rows.first()


def turn_back(book: Book, made: Operation, undo: Posting, by: By, now: datetime) -> None:
    """The first stamp goes, and the card with it unless something else was done on it meanwhile."""
    card = book.card(made.card_id)
    if card.status == CardStatus.DELETED:
        return
    key = f"{made.key}:first"
    first = Operation.objects.filter(key=key, reversed_by=None).first()
    if first is not None:
        ledger.reverse(book, first, undo._replace(card_id=card.pk, key=f"{key}:undone"))
    ours = Q(key__in=[made.key, key]) | Q(reverses__key=key)
    done = Operation.objects.filter(card=card).exclude(ours)
    if not done.exists() and not OrderEarning.objects.filter(card=card).exists():
        cards.take_back(card, cause=by.cause, now=now)


def _key(redeemed: int) -> str:
    return f"turned:{redeemed}"
