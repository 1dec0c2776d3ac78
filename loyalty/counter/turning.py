"""A coupon that turns into a card of another program when it is redeemed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from loyalty import cards, customers
from loyalty.counter import slips
from loyalty.counter.words import By, Request
from loyalty.ledger import Book, Kind, Posted
from loyalty.models import Card


@contextmanager
def may_issue(card: Card, turns: bool) -> Iterator[None]:
    """Customers are locked before accounts, and who gets another card needs that."""
    if not turns:
        yield
        return
    with transaction.atomic():
        customers.lock([card.customer_id])
        yield


def turn(book: Book, card: Card, posted: Posted, by: By, now: datetime) -> dict[str, Any]:
    """The card that a redeemed coupon turns into, with its first stamp."""
    program = card.program.becomes
    if program is None or not program.is_active:
        return {}
    key = f"turned:{posted.id}"
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
