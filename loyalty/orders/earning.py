"""What an order earns: always computed anew from its net, and only the difference is posted.

So any order of paid, updated, refunded and cancelled ends at the same balance. A reward card floors
each order; a card that keeps a remainder floors the sum of them, whatever came first.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import caps, cards, ledger, zones
from loyalty.causes import Cause
from loyalty.ledger import Book
from loyalty.models.business import Business
from loyalty.models.card import Card, CardStatus
from loyalty.models.mechanics import ONCE, Mechanics
from loyalty.models.operation import Operation
from loyalty.models.order import Order, OrderEarning
from loyalty.models.program import Program
from loyalty.postings import Kind, Posted, Posting


def settle(
    order: Order,
    book: Book,
    *,
    wishes: Mapping[int, Posting] | None = None,
    may_issue: bool = True,
    cause: Cause,
    now: datetime,
) -> dict[int, Posted]:
    """Post to each card the difference between what the order's net gives and what it has given.

    Says what was posted, by card. `wishes` are postings to fill in place of our own, by card: they
    carry the till's key. The order's row and the cards' accounts are locked; the caller saves the
    order, whose note may change.
    """
    posted = {}
    for row in _earnings(order, book, may_issue, cause, now):
        card = book.cards.get(row.card_id)
        if row.ripe_at is not None and row.ripe_at > now:
            row.save()
            continue
        if card is None or not _may_change(order, row, card, now):
            continue
        row.ripe_at = None
        amount = _difference(order, row, card, book, now)
        spent = order.net_cents - row.counted_cents if card.program.counts_spent else 0
        if amount or spent:
            wish = (wishes or {}).get(card.pk) or _wish(order, card, cause)
            posted[card.pk] = book.post(
                wish._replace(
                    kind=Kind.ACCRUE if (amount or spent) > 0 else Kind.REFUND,
                    unit=row.unit,
                    amount=amount,
                    spent_cents=spent,
                    order_id=order.pk,
                )
            )
        row.counted_cents = order.net_cents
        row.amount += amount
        row.save()
        if card.merged_into_id is not None and card.pk in posted:
            _hand_on(book, posted[card.pk], card, row.unit)
    return posted


def _hand_on(book: Book, posted: Posted, card: Card, unit: str) -> None:
    """What a closed card owes now is owed by the one that took its place."""
    out = Posting(
        card_id=card.pk,
        kind=Kind.TRANSFER,
        key=f"owed:{posted.id}",
        actor="order",
        cause=Cause(f"operation:{posted.id}"),
        unit=unit,
    )
    if card.merged_into_id in book.cards:
        ledger.hand_on_debt(book, out, card.merged_into_id)


# --- Which cards ----------------------------------------------------------------------------------


def _earnings(
    order: Order, book: Book, may_issue: bool, cause: Cause, now: datetime
) -> list[OrderEarning]:
    """The order's earnings; when it counts for the first time that decides cards and rates."""
    rows = list(order.earnings.order_by("card_id"))
    if rows or order.net_cents == 0 or order.customer_id is None:
        return rows
    counting = [card for card in book.cards.values() if _counts(card, order, now)]
    if not counting and may_issue:
        counting = _issue(order, book, cause, now)
    order.note = (
        ""
        if counting
        else _("Earned nothing: no card of the customer counts what is spent in %s.")
        % order.currency
    )
    return [_earning(order, card, book, now) for card in counting]


def _earning(order: Order, card: Card, book: Book, now: datetime) -> OrderEarning:
    program, zone, placed = card.program, Business.get().time_zone, order.placed_at or now
    percent = program.percent_at(placed, zone)
    amount, per_cents = program.rate(book.held(card.pk), percent)
    days = program.pending_days
    return OrderEarning(
        ripe_at=zones.later(placed, days, 0, zone) if days else None,
        shares_remainder=percent == ONCE and program.cap_amount is None,
        order=order,
        card=card,
        unit=card.program.earns,
        earn_amount=amount,
        earn_per_cents=per_cents,
    )


def _counts(card: Card, order: Order, now: datetime) -> bool:
    return (
        card.customer_id == order.customer_id
        and _is_living(card, now)
        and card.program.mechanics == Mechanics.SPEND
        and card.program.currency == order.currency
    )


def _issue(order: Order, book: Book, cause: Cause, now: datetime) -> list[Card]:
    """Cards of the programs that come with a first order."""
    customer = order.customer
    if customer is None or customer.erased_at:
        return []
    programs = Program.objects.filter(
        is_active=True,
        issue_on_order=True,
        mechanics=Mechanics.SPEND,
        currency=order.currency,
    ).order_by("pk")
    issued = [
        cards.issue(program, customer, cause=cause, now=now, actor="order", book=book)[0]
        for program in programs
    ]
    return [card for card in issued if _is_living(card, now)]


def _is_living(card: Card, now: datetime) -> bool:
    return card.status == CardStatus.ACTIVE and not card.is_expired(now)


# --- How much -------------------------------------------------------------------------------------


def _may_change(order: Order, row: OrderEarning, card: Card, now: datetime) -> bool:
    """A card that is over gets nothing more, but gives back."""
    return _is_living(card, now) or order.net_cents < row.counted_cents


def _difference(order: Order, row: OrderEarning, card: Card, book: Book, now: datetime) -> int:
    """What is to be posted, signed; keeps the remainder up to date, of a closed card where it went.

    An order of a happy hour, or under a cap, counts by itself: what is left of it cannot be told
    from what other orders left, which earned less or more.
    """
    if card.program.keeps_remainder and row.shares_remainder:
        keeper = book.cards.get(card.merged_into_id or card.pk, card)
        spent = keeper.remainder_cents + order.net_cents - row.counted_cents
        full, rest = divmod(spent, row.earn_per_cents)
        cards.keep_remainder(keeper, rest, now=now)
        return full * row.earn_amount
    if row.most is None and card.program.cap_amount is not None and row.counted_cents == 0:
        row.most = caps.room(card, now)
    given = _gives(order, row, card.program)
    return (given if row.most is None else min(given, row.most)) - row.amount


def _gives(order: Order, row: OrderEarning, program: Program) -> int:
    """What its net is worth: whole units on a card that keeps a remainder, else rounded down."""
    if program.keeps_remainder:
        return order.net_cents // row.earn_per_cents * row.earn_amount
    return order.net_cents * row.earn_amount // row.earn_per_cents


def _wish(order: Order, card: Card, cause: Cause) -> Posting:
    """Our own posting: its key counts what this order did to this card."""
    done = Operation.objects.filter(order=order, card=card).count()
    return Posting(
        card_id=card.pk,
        kind=Kind.ACCRUE,
        key=f"order:{order.key}:{card.pk}:{done + 1}",
        actor="order",
        cause=Cause(f"order:{order.key}", cause.depth),
    )
