"""What makes a referral count, and what undoes it: heard in the transaction where it happens.

The newcomer's card carries a mark (`referral_stage`) that whoever opened its book has in memory:
where no card has it, nothing is asked. The referrer's accounts are locked by `rewarding` alone.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from loyalty import cards
from loyalty.ledger import Book, Posted
from loyalty.models import Operation, Order, Referral, ReferralOffer
from loyalty.models.card import ReferralStage
from loyalty.models.order import OrderStatus
from loyalty.models.referral import Occasion, ReferralState, ToDo

PAID = (OrderStatus.PAID, OrderStatus.COMPLETED)


def came(book: Book, customer_id: int, posted: Posted, *, now: datetime) -> None:
    """A customer was at the till. The book holds all their cards."""
    if posted.is_replay or not _is_awaited(book, customer_id):
        return
    referral = _open(customer_id)
    offer = _offer(referral) if referral else None
    if referral and offer and offer.occasion == Occasion.USE and offer.minimum_cents == 0:
        referral.operation_id = posted.id
        _count(referral, offer, book, now)


def ordered(order: Order, book: Book, *, now: datetime) -> None:
    """An order has changed, and its row is locked. May be repeated."""
    if order.customer_id is None:
        return
    if order.status in PAID and order.net_cents and _is_awaited(book, order.customer_id):
        _bought(order, order.customer_id, book, now)
    if order.refunded_cents or order.status == OrderStatus.CANCELLED:
        _refunded(order, now)


def undone(operation: Operation, *, now: datetime) -> None:
    """What a customer did at the till was reversed."""
    for referral in _counting().filter(operation=operation):
        _undo(referral, now)


def qualify(referral: Referral, book: Book, *, now: datetime) -> None:
    """It counts from now on; the calendar rewards it. The newcomer's cards are in the book."""
    referral.state, referral.to_do = ReferralState.QUALIFIED, ToDo.REWARD
    referral.qualified_at = now
    referral.save()
    for card in book.cards.values():
        if card.customer_id == referral.referred_id and card.referral_stage:
            cards.await_referral(card, ReferralStage.NONE)


def _is_awaited(book: Book, customer_id: int) -> bool:
    """Whether we wait for what this customer does."""
    return any(
        card.referral_stage and card.customer_id == customer_id for card in book.cards.values()
    )


def _open(customer_id: int) -> Referral | None:
    rows = Referral.objects.filter(referred=customer_id, state__in=Referral.OPEN)
    return rows.select_for_update(no_key=True).first()


def _offer(referral: Referral) -> ReferralOffer | None:
    """As it is now; who has come before it was switched off still counts."""
    return ReferralOffer.objects.filter(program__cards=referral.card_id).first()


def _bought(order: Order, customer_id: int, book: Book, now: datetime) -> None:
    referral = _open(customer_id)
    offer = _offer(referral) if referral else None
    if referral and offer and offer.occasion == Occasion.USE and _is_enough(order, offer):
        referral.order = order
        _count(referral, offer, book, now)


def _count(referral: Referral, offer: ReferralOffer, book: Book, now: datetime) -> None:
    referral.watched_until = now + timedelta(days=offer.window_days)
    qualify(referral, book, now=now)


def _is_enough(order: Order, offer: ReferralOffer) -> bool:
    return order.net_cents >= max(1, offer.minimum_cents)


def _refunded(order: Order, now: datetime) -> None:
    """Too little is left of the order that made it count."""
    for referral in _counting().filter(order=order, watched_until__gt=now):
        offer = _offer(referral)
        if order.net_cents == 0 or (offer and not _is_enough(order, offer)):
            _undo(referral, now)


def _counting() -> QuerySet[Referral]:
    rows = Referral.objects.filter(state__in=Referral.COUNTING)
    return rows.select_for_update(no_key=True).order_by("pk")


def _undo(referral: Referral, now: datetime) -> None:
    """What was given is taken back by the calendar, which may lock the referrer's accounts."""
    if referral.state == ReferralState.REWARDED:
        referral.to_do = ToDo.REVERSE
    else:
        referral.state, referral.to_do = ReferralState.REVERSED, ToDo.NOTHING
        referral.reversed_at = now
    referral.save(update_fields=["state", "to_do", "reversed_at"])
