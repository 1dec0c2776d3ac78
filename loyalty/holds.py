"""Holds: redemptions with a deadline, which are handed over or given back; the table's only writer.

A customer's claim and a checkout's hold are the same thing. What is held is off the card at once
(decision 0018); all that is decided of it is decided under the lock of its card's accounts, so of
two who decide at once one comes too late.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from loyalty import events, ledger
from loyalty.causes import CLOCK, Cause
from loyalty.errors import (
    AlreadyRedeemed,
    AlreadyReversed,
    AmountRequired,
    ClaimOver,
    Forbidden,
    IllegalOperation,
    Invalid,
    NotFound,
)
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models.card import Card, CardStatus
from loyalty.models.hold import Hold, HoldQuerySet, HoldState
from loyalty.models.operation import Operation
from loyalty.models.reward import Reward
from loyalty.redeeming import take, tell

# How long a customer may take to fetch what they claimed, and a checkout at most to be paid.
CLAIM_LIFE = timedelta(hours=24)
LONGEST = timedelta(days=30)


# --- Holding --------------------------------------------------------------------------------------


def claim(
    card: Card,
    *,
    reward: Reward | None = None,
    unit: str = "",
    amount: int | None = None,
    key: str,
    until: datetime | None = None,
    now: datetime,
) -> Hold:
    """The customer wants a reward, or to spend an amount: it is held until `until` (default: a day)
    and told as `points_claimed`. Once for its key.

    Without a reward it is `amount` of `unit` (default: what the program spends, and as much of it
    as `{}` redeems at the till). Raises what `redeeming.take` raises, AmountRequired, Forbidden
    where the program spends on its rewards only, and Invalid for a deadline that is no use.
    """
    program = card.program
    if reward is not None:
        unit, amount = program.price_of(reward)
    elif amount is None:
        unit, amount = program.spends, program.redeems
    elif not program.redeems_by_amount:
        raise Forbidden(_("Choose one of the rewards."))
    if amount is None:
        raise AmountRequired
    actor = f"customer:{card.customer_id}"
    posting = Posting(
        card_id=card.pk,
        kind=Kind.REDEEM,
        key=key,
        actor=actor,
        cause=Cause(actor),
        unit=unit or program.spends,
        amount=amount,
        fingerprint=f"claim:{card.pk}:{reward.pk if reward else unit}:{amount}",
    )
    with ledger.open(cards=[card.pk], now=now) as book:
        posted, hold = place(book, posting, reward, until=until, is_claim=True)
        if not posted.is_replay:
            name = reward.name if reward else ""
            fact = events.PointsClaimed(posting.unit, amount, name)
            book.tell(posted, fact, posting.cause)
        return hold


def place(
    book: Book,
    posting: Posting,
    reward: Reward | None = None,
    *,
    until: datetime | None = None,
    is_claim: bool = False,
) -> tuple[Posted, Hold]:
    """Take it off the card until it is captured or voided, once for the posting's key; what the
    posting's kind must be is a redemption. Raises as `claim`."""
    if before := book.replay(posting):
        hold = Hold.objects.filter(operation=before.id).first()
        if hold is None:
            raise NotFound
        return before, hold
    ends = until or book.now + CLAIM_LIFE
    if not book.now < ends <= book.now + LONGEST:
        said = _("Choose a moment within the next %d days.") % LONGEST.days
        raise Invalid({"until": [said]})
    posted = take(book, posting, reward)
    hold = Hold(
        card_id=posting.card_id,
        operation_id=posted.id,
        unit=posting.unit,
        amount=posting.amount,
        reward=reward,
        is_claim=is_claim,
        until=ends,
        created_at=book.now,
    )
    hold.save(force_insert=True)
    return posted, hold


# --- Settling -------------------------------------------------------------------------------------


def capture_in(book: Book, hold: Hold, posting: Posting) -> Posted:
    """It is handed over and spent for good: `reward_redeemed` and its like are told now.

    In a book that has locked its card, once for the posting's key. Raises AlreadyRedeemed,
    AlreadyReversed (it was given back), ClaimOver (its deadline is past) and NotFound (its card is
    gone). An end of the card's life is no matter: it was claimed in time.
    """
    if before := book.replay(posting):
        return before
    row = _open(hold)
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
    posting = _posting(hold, Kind.REVERSE, key, actor, cause)._replace(reason=reason)
    with ledger.open(cards=[hold.card_id], now=now) as book:
        return void_in(book, hold, posting)


def void_in(book: Book, hold: Hold, posting: Posting) -> Posted:
    """The same in a book that has locked its card, under the posting's key."""
    if before := book.replay(posting):
        return before
    row = _open(hold)
    posted = ledger.reverse(book, row.operation, posting)
    _settle(row, HoldState.VOIDED, posting.actor, book.now)
    return posted


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
                void_in(book, hold, _posting(hold, Kind.REVERSE, key, "clock", CLOCK))
    return len(found)


def drop(card_id: int, *, actor: str, now: datetime) -> None:
    """The card is gone: what was held of it stays taken, and nobody can fetch it any more. The
    card's accounts are locked. May be repeated."""
    Hold.objects.open().filter(card=card_id).update(
        state=HoldState.VOIDED, settled_by=actor, settled_at=now
    )


# --- Reading --------------------------------------------------------------------------------------


def of(card: Card, now: datetime) -> list[Hold]:
    """What is held of that card and can be handed over now, oldest first."""
    return list(card.holds.open().filter(until__gt=now).select_related("reward").order_by("pk"))


def find(hold_id: int) -> Hold:
    """NotFound where there is none, or its card is blocked or deleted."""
    found = Hold.objects.select_related("card__customer", "reward").filter(pk=hold_id).first()
    if found is None or found.card.status != CardStatus.ACTIVE:
        raise NotFound
    return found


def done(operation: Operation) -> tuple[str, datetime]:
    """Who did it for good, and when: what was held is done by whoever handed it over. Raises
    IllegalOperation while it is held."""
    hold = Hold.objects.filter(operation=operation).first()
    if hold is None or hold.settled_at is None:
        if hold is not None:
            raise IllegalOperation(_("This is only held: give the claim back instead."))
        return operation.actor, operation.at
    return hold.settled_by, hold.settled_at


# --- How ------------------------------------------------------------------------------------------


def _open(hold: Hold) -> Hold:
    """As it is under the lock."""
    row = Hold.objects.select_related("operation", "reward").get(pk=hold.pk)
    if row.state == HoldState.CAPTURED:
        raise AlreadyRedeemed
    if row.state == HoldState.VOIDED:
        raise AlreadyReversed(_("What was held was given back before."))
    return row


def _settle(hold: Hold, state: HoldState, actor: str, now: datetime) -> None:
    hold.state, hold.settled_by, hold.settled_at = state, actor, now
    hold.save(update_fields=["state", "settled_by", "settled_at"])


def _posting(hold: Hold, kind: Kind, key: str, actor: str, cause: Cause) -> Posting:
    return Posting(
        card_id=hold.card_id,
        kind=kind,
        key=key,
        actor=actor,
        cause=cause,
        fingerprint=f"{kind.value}:{hold.pk}",
    )
