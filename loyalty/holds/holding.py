"""Something is held: claimed by the customer, or wanted by a checkout."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from loyalty import events, ledger
from loyalty.causes import Cause
from loyalty.errors import AmountRequired, Forbidden, Invalid, NotFound
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models.card import Card
from loyalty.models.hold import Hold
from loyalty.models.program_settings import LONGEST_CLAIM
from loyalty.models.reward import Reward
from loyalty.redeeming import take

# How long a customer may take at most to fetch what they claimed, and a checkout to be paid.
LONGEST = timedelta(hours=LONGEST_CLAIM)


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
    """The customer wants a reward, or to spend an amount: it is held until `until` (default: for
    as many hours as its program says) and told as `points_claimed`. Once for its key.

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
            fact = events.PointsClaimed(posting.unit, amount, name, hold.pk)
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
    ends = until or book.now + timedelta(hours=book.card(posting.card_id).program.claim_hours)
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
