"""Memberships: what a card's plan is, and until when it is paid."""

from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from loyalty import cards, ledger
from loyalty.causes import CLOCK
from loyalty.errors import IllegalOperation, Invalid, NotFound
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models import Business, Card, Plan
from loyalty.models.card import CardStatus
from loyalty.programs.membership import MembershipProgram


def begin(book: Book, posting: Posting, plan: Plan | None = None) -> Posted:
    """Begin a period of the plan, or of the card's own again, under the posting's key, once.

    Its own follows on the running period, of which what is left stays until its end; it begins now
    where it would be over by now. Another plan begins now, and what is left is over. Raises
    IllegalOperation for a card without plans, Invalid for a plan that is not sold with it.
    """
    card = book.card(posting.card_id)
    if card.status != CardStatus.ACTIVE:
        raise NotFound
    chosen = plan or card.plan
    if chosen is None:
        raise IllegalOperation(_("This card has no plan."))
    wish = posting._replace(
        unit=card.program.earns,
        amount=chosen.visits or 0,
        fingerprint=posting.fingerprint or f"plan:{card.pk}:{chosen.pk}",
    )
    if before := book.replay(wish):
        return before
    starts = _next(card, chosen, book) if chosen.pk == card.plan_id else _anew(book, wish, chosen)
    cards.start_period(card, chosen, chosen.ends(starts, _zone()), now=book.now)
    return book.post(wish)


def ending(now: datetime) -> "QuerySet[Card]":
    """Cards whose period is over and whose program begins another by itself, longest first.

    Not those to which staff gave another end, nor those of whose end was told: they are over.
    """
    programs = MembershipProgram.objects.filter(renews_by_itself=True, is_active=True)
    return Card.objects.filter(
        program__in=programs.values("pk"),
        status=CardStatus.ACTIVE,
        plan__isnull=False,
        is_told_expired=False,
        expires_at=F("period_ends_at"),
        expires_at__lte=now,
    ).order_by("expires_at", "pk")


def renew_ending(limit: int, *, now: datetime) -> int:
    """Begin another period on up to that many of them; says on how many.

    Harmless when nothing is due, and when it runs twice: under its lock a card is asked once more.
    """
    return sum(_renew_ended(card, now) for card in ending(now)[:limit])


def _renew_ended(card: Card, now: datetime) -> bool:
    with ledger.open(cards=[card.pk], now=now) as book:
        if not ending(now).filter(pk=card.pk).exists():
            return False
        periods = card.operations.filter(kind=Kind.RENEW).count()
        key = f"card:{card.pk}:renew:{periods + 1}"
        begin(book, Posting(card_id=card.pk, kind=Kind.RENEW, key=key, actor="clock", cause=CLOCK))
        return True


def _next(card: Card, plan: Plan, book: Book) -> datetime:
    """Right after the period that runs, or ran last."""
    begins = card.expires_at or book.now
    return begins if plan.ends(begins, _zone()) > book.now else book.now


def _anew(book: Book, wish: Posting, plan: Plan) -> datetime:
    """Now; what is left of the other plan goes."""
    card = book.card(wish.card_id)
    if plan.program_id != card.program_id or not plan.is_active:
        raise Invalid({"plan": [_("This plan is not sold with this card.")]})
    if left := book.balance(card.pk, wish.unit):
        book.post(wish._replace(kind=Kind.EXPIRE, key=f"{wish.key}:left", amount=left))
    return book.now


def _zone() -> str:
    return Business.get().time_zone
