"""What is held is handed over or given back, under the lock of its card's accounts."""

from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import ledger
from loyalty.causes import CLOCK, Cause
from loyalty.errors import AlreadyRedeemed, AlreadyReversed, ClaimHandled, ClaimOver, NotFound
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models.card import CardStatus
from loyalty.models.hold import Hold, HoldQuerySet, HoldState
from loyalty.redeeming import tell

SETTLED = ("state", "settled_by", "settled_at")


def capture_in(book: Book, hold: Hold, posting: Posting) -> Posted:
    """It is handed over and spent for good: `reward_redeemed` and its like are told now.

    In a book that has locked its card, once for the posting's key. Raises AlreadyRedeemed,
    AlreadyReversed (it was given back), ClaimOver (its deadline is past) and NotFound (its card is
    gone). An end of the card's life is no matter: it was claimed in time.
    """
    if before := book.replay(posting):
        return before
    row = _fresh(hold)
    posted = captured(book, row, posting)
    row.save(update_fields=SETTLED)
    return posted


def captured(book: Book, row: Hold, posting: Posting) -> Posted:
    """The same of a row that was read under the lock, and is for the caller to write."""
    _require_open(row)
    if book.card(row.card_id).status != CardStatus.ACTIVE:
        raise NotFound
    if row.is_over(book.now):
        raise ClaimOver
    posted = ledger.mark(book, posting)
    _settle(row, HoldState.CAPTURED, posting.actor, book.now)
    taken = posting._replace(kind=Kind.REDEEM, unit=row.unit, amount=row.amount)
    tell(book, posted, taken, row.reward)
    return posted


def void(
    hold: Hold, *, key: str, actor: str, cause: Cause, reason: str = "", now: datetime
) -> Posted:
    """Give it back to the lots it came from, as a reversal does. Once for its key; raises
    AlreadyRedeemed and AlreadyReversed."""
    posting = posting_of(hold, Kind.REVERSE, key, actor, cause)._replace(reason=reason)
    with ledger.open(cards=[hold.card_id], now=now) as book:
        return void_in(book, hold, posting)


def void_in(book: Book, hold: Hold, posting: Posting) -> Posted:
    """The same in a book that has locked its card, under the posting's key."""
    if before := book.replay(posting):
        return before
    row = _fresh(hold)
    posted = voided(book, row, posting)
    row.save(update_fields=SETTLED)
    return posted


def voided(book: Book, row: Hold, posting: Posting) -> Posted:
    """The same of a row that was read under the lock, and is for the caller to write."""
    _require_open(row)
    posted = ledger.reverse(book, row.operation, posting)
    _settle(row, HoldState.VOIDED, posting.actor, book.now)
    return posted


def take_back(hold: Hold, *, now: datetime) -> Posted:
    """The customer does without it. May be repeated; raises ClaimHandled while an automation
    settles it, AlreadyRedeemed and AlreadyReversed."""
    actor = f"customer:{hold.card.customer_id}"
    posting = posting_of(hold, Kind.REVERSE, f"void:{hold.pk}", actor, Cause(actor))
    with ledger.open(cards=[hold.card_id], now=now) as book:
        if before := book.replay(posting):
            return before
        if _fresh(hold).is_handled:
            raise ClaimHandled
        return void_in(book, hold, posting)


def overdue(now: datetime) -> HoldQuerySet:
    """What nobody fetched in time, the longest first."""
    return Hold.objects.open().filter(until__lte=now).order_by("until", "pk")


def void_overdue(limit: int, *, now: datetime) -> int:
    """Give back up to that many; says how many. Harmless when nothing is due, and when it runs
    twice."""
    found = list(overdue(now)[:limit])
    with ledger.open(cards={hold.card_id for hold in found}, now=now) as book:
        mine = overdue(now).filter(pk__in=[hold.pk for hold in found])
        still = set(mine.values_list("pk", flat=True))
        for hold in found:
            if hold.pk in still:
                key = f"hold:{hold.pk}:over"
                void_in(book, hold, posting_of(hold, Kind.REVERSE, key, "clock", CLOCK))
    return len(found)


def drop(card_id: int, *, actor: str, now: datetime) -> None:
    """The card is gone: what was held of it stays taken, and nobody can fetch it any more. The
    card's accounts are locked. May be repeated."""
    Hold.objects.open().filter(card=card_id).update(
        state=HoldState.VOIDED, settled_by=actor, settled_at=now
    )


def _fresh(hold: Hold) -> Hold:
    """As it is under the lock."""
    return Hold.objects.select_related("operation", "reward").get(pk=hold.pk)


def _require_open(row: Hold) -> None:
    if row.state == HoldState.CAPTURED:
        raise AlreadyRedeemed
    if row.state == HoldState.VOIDED:
        raise AlreadyReversed(_("What was held was given back before."))


def _settle(hold: Hold, state: HoldState, actor: str, now: datetime) -> None:
    hold.state, hold.settled_by, hold.settled_at = state, actor, now


def posting_of(hold: Hold, kind: Kind, key: str, actor: str, cause: Cause) -> Posting:
    return Posting(
        card_id=hold.card_id,
        kind=kind,
        key=key,
        actor=actor,
        cause=cause,
        fingerprint=f"{kind.value}:{hold.pk}",
    )
