"""Purchases that the till types in: orders of platform `counter`."""

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty.causes import Cause
from loyalty.cleaning import cents, cleaned
from loyalty.errors import Invalid
from loyalty.ledger import Book
from loyalty.models.card import Card
from loyalty.models.operation import Operation
from loyalty.models.order import Order, OrderEarning, OrderStatus
from loyalty.orders import earning, following, recording
from loyalty.orders.data import order_key as clean_key
from loyalty.postings import Kind, Posted, Posting

PLATFORM = "counter"


def counter(
    card: Card,
    purchase_cents: int,
    order_key: str,
    *,
    posting: Posting,
    book: Book,
    now: datetime,
) -> Posted:
    """A purchase at the till, paid at once; `posting` carries its key, actor and comment.

    The operation on this card has that key even where the order gave nothing, because a webhook
    has paid it before or the amount is too small; the customer's other cards get their own. Without
    `order_key` the posting's key names the order. Raises Invalid for an order of someone else.
    """
    if before := book.replay(posting):
        return before
    key = order_key or _named_by(posting.key)
    clean = cleaned(
        {"purchase_cents": purchase_cents, "order_key": key},
        {"purchase_cents": cents, "order_key": clean_key},
    )
    order = recording.lock(clean["order_key"], PLATFORM, now)
    if order.customer_id not in (None, card.customer_id):
        raise Invalid({"order_key": [_("This order belongs to another customer.")]})
    order.customer_id = card.customer_id
    recording.advance(order, OrderStatus.PAID)
    if order.placed_at is None:
        _fill(order, card, clean["purchase_cents"], now)
    posted = earning.settle(
        order, book, wishes={card.pk: posting}, may_issue=False, cause=posting.cause, now=now
    )
    order.save()
    following.follow(order, book, location_id=posting.location_id, cause=posting.cause, now=now)
    return posted.get(card.pk) or book.post(
        posting._replace(unit=card.program.earns, amount=0, order_id=order.pk)
    )


def take_back(
    order: Order, operation: Operation, *, book: Book, cause: Cause, now: datetime
) -> None:
    """Cancel the counter order of an operation that was just reversed; it never earns again.

    What the reversal took is noted as not given; what the order gave elsewhere is taken back.
    """
    order = recording.lock(order.key, PLATFORM, now)
    row = OrderEarning.objects.filter(order=order, card_id=operation.card_id).first()
    if row:
        _note_reversal(row, operation, book.card(operation.card_id))
    recording.advance(order, OrderStatus.CANCELLED)
    order.never_earns = True
    earning.settle(order, book, may_issue=False, cause=cause, now=now)
    order.save()
    following.follow(order, book, cause=cause, now=now)


def _named_by(posting_key: str) -> str:
    """A key for an order that has none of its own, the same on every repeat."""
    return f"{PLATFORM}:{hashlib.sha256(posting_key.encode()).hexdigest()[:32]}"


def _fill(order: Order, card: Card, purchase_cents: int, now: datetime) -> None:
    order.platform = PLATFORM
    order.placed_at = now
    order.currency = card.program.currency
    order.subtotal_cents = order.total_cents = purchase_cents


def _note_reversal(row: OrderEarning, operation: Operation, card: Card) -> None:
    """As if the order had never given it; where a remainder is kept, its price goes back there."""
    given = operation.entries.filter(kind=Kind.ACCRUE, account__unit=row.unit)
    taken = sum(entry.amount - entry.debt_delta for entry in given)
    row.amount -= taken
    if card.program.keeps_remainder and row.shares_remainder:
        card.remainder_cents += taken * row.earn_per_cents // row.earn_amount
    if card.program.counts_spent:
        spent = operation.entries.filter(kind=Kind.ACCRUE, account__unit="spent")
        row.counted_cents -= sum(entry.amount - entry.debt_delta for entry in spent)
    row.save(update_fields=["amount", "counted_cents"])
