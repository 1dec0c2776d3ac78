"""Two customers who are one person become one (decision 0019)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import cards, customers, events, holds, ledger, orders, rfm, segments
from loyalty.causes import Cause
from loyalty.errors import IllegalOperation, NotFound
from loyalty.ledger import Book, Kind, Posting
from loyalty.merged import Merged
from loyalty.models.card import Card, CardStatus
from loyalty.models.customer import Customer

# Higher apps append to these in their `ready()`. Both are asked in the transaction that merges:
# the first before anything is locked, to lock what they lock before customers, the second to let
# what they know of the one follow to the other.
lockers: list[Callable[[tuple[int, int]], None]] = []
followers: list[Callable[[Merged], None]] = []


def merge(
    gone: Customer,
    kept: Customer,
    *,
    unproven: Collection[str] = (),
    cause: Cause,
    now: datetime,
) -> Customer:
    """All that is `gone`'s becomes `kept`'s, who is given back; may be repeated.

    Details fill gaps, but for the `unproven` (names of texts), which are forgotten; tags are
    united, a no stays a no. Cards change hands; where both have a card
    of one program, what the one holds and owes goes to the other, lots with their ends. Whoever
    looks for the one finds the other. Raises IllegalOperation for one and the same customer and
    NotFound for somebody who is gone.
    """
    if gone.pk == kept.pk:
        raise IllegalOperation(_("Choose somebody else."))
    with transaction.atomic():
        for lock in lockers:
            lock((gone.pk, kept.pk))
        rows = {row.pk: row for row in customers.lock([gone.pk, kept.pk])}
        if kept.pk not in rows:
            raise NotFound
        if gone.pk not in rows:
            if Customer.objects.filter(pk=gone.pk, merged_into=kept.pk).exists():
                return rows[kept.pk]
            raise NotFound
        theirs = list(Card.objects.filter(customer__in=rows).values_list("pk", flat=True))
        merged = Merged(gone.pk, kept.pk, {}, now)
        with ledger.open(cards=theirs, now=now) as book:
            _bring_cards(book, merged, cause)
            orders.change_owner(gone.pk, kept.pk, merged.cards)
            one, other = rows[gone.pk], rows[kept.pk]
            customers.absorb(one, other, without=unproven, cause=cause, now=now)
        events.follow(gone.pk, kept.pk)
        for forget in (rfm.forget, segments.forget):
            forget(gone.pk)
        for follow in followers:
            follow(merged)
        events.emit(
            events.CustomerMerged(gone.pk),
            key=f"customer:{gone.pk}:merged",
            customer_id=kept.pk,
            cause=cause,
            now=now,
        )
    return rows[kept.pk]


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would stay, as they would be, and what their cards would hold."""

    customer: Customer
    cards: list[str]


def preview(gone: Customer, kept: Customer, *, cause: Cause, now: datetime) -> Preview:
    """What `merge` would make of them: it is done, looked at and taken back. Raises as it does."""
    with transaction.atomic():
        customer = merge(gone, kept, cause=cause, now=now)
        found = Preview(customer, held(customer.pk))
        transaction.set_rollback(True)
    return found


def held(customer_id: int) -> list[str]:
    """A line for each active card: its program, and what it holds and owes."""
    theirs = Card.objects.active().filter(customer=customer_id).order_by("pk")
    return [_line(card) for card in theirs.prefetch_related("program", "accounts")]


def _line(card: Card) -> str:
    rows = {row.unit: row for row in card.accounts.all()}
    units = [each for each in card.program.units if each in rows]
    said = [f"{rows[each].balance - rows[each].debt} {each}" for each in units]
    return f"{card.program}: {', '.join(said)}" if said else str(card.program)


def _bring_cards(book: Book, merged: Merged, cause: Cause) -> None:
    mine = {
        card.program_id: card
        for card in book.cards.values()
        if card.customer_id == merged.kept_id
        and card.status == CardStatus.ACTIVE
        and not card.is_one_of_many
    }
    for card in sorted(book.cards.values(), key=lambda card: card.pk):
        if card.customer_id != merged.gone_id:
            continue
        twin = mine.get(card.program_id)
        if twin is not None and card.status == CardStatus.ACTIVE and not card.is_one_of_many:
            closed, into = (twin, card) if _is_lost(twin, card, book.now) else (card, twin)
            _close(book, closed, into, cause)
            merged.cards[closed.pk] = into.pk
        cards.change_owner(card, merged.kept_id, now=book.now)


def _is_lost(card: Card, other: Card, now: datetime) -> bool:
    """Whether what is on it stays behind: it is past its end and the other can be used. Of two that
    are both past it nothing is revived by putting them together."""
    return card.is_expired(now) and not other.is_expired(now)


def _close(book: Book, card: Card, into: Card, cause: Cause) -> None:
    """What is held of it first comes back, for a card that is closed hands nothing over."""
    for hold in card.holds.open().order_by("pk"):
        key = f"hold:{hold.pk}:merged"
        holds.void_in(book, hold, _posting(card, Kind.REVERSE, key, cause))
    with_value = not _is_lost(card, into, book.now)
    if with_value:
        ledger.hand_on_all(book, _posting(card, Kind.TRANSFER, f"merge:{card.pk}", cause), into.pk)
        for unit in card.program.units:
            ledger.add_lifetimes(book, card.pk, into.pk, unit)
    cards.close_into(card, into, with_value=with_value, now=book.now)


def _posting(card: Card, kind: Kind, key: str, cause: Cause) -> Posting:
    return Posting(card_id=card.pk, kind=kind, key=key, actor=cause.text, cause=cause)
