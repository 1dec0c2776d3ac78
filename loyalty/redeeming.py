"""What is taken from a card, for which reward, and what is told of it; the till and automations
share it."""

from loyalty import events
from loyalty.errors import RewardUnavailable
from loyalty.ledger import Book, Posted, Posting
from loyalty.models import Card, Operation, Reward


def redeem(book: Book, posting: Posting, reward: Reward | None = None) -> Posted:
    """Post a redemption, for a reward of the program where one is named; once for its key.

    Raises what `take` raises.
    """
    posted = take(book, posting, reward)
    if not posted.is_replay:
        tell(book, posted, posting, reward)
    return posted


def take(book: Book, posting: Posting, reward: Reward | None = None) -> Posted:
    """The same without its news: what is held is told of when it is handed over.

    Raises the ledger's refusals, and RewardUnavailable where its time or number is over.
    """
    if reward is not None:
        posting = posting._replace(reward_id=reward.pk)
        if (before := book.replay(posting)) is not None:
            return before
        _require_available(book, book.card(posting.card_id), reward)
    return book.post(posting)


def tell(book: Book, posted: Posted, taken: Posting, reward: Reward | None) -> None:
    """That it is spent for good, as news of that operation of this book."""
    told = book.card(taken.card_id).program.taken(taken)
    if reward is not None:
        told.append(events.RewardRedeemed(reward.name, taken.unit, taken.amount))
    for fact in told:
        book.tell(posted, fact, taken.cause)


def _require_available(book: Book, card: Card, reward: Reward) -> None:
    """Its time, what the card has reached, and how often it was taken; a total is counted under the
    reward's own lock."""
    if reward.program_id != card.program_id or not reward.is_offered(book.now):
        raise RewardUnavailable
    if not card.program.has_reached(reward, book.held(card.pk)):
        raise RewardUnavailable
    began = card.program.row_began(card)
    if began is not None and _uses(book, reward, card, max(began, book.pages.last_row(card.pk))):
        raise RewardUnavailable
    if reward.uses_per_card is not None and _uses(book, reward, card) >= reward.uses_per_card:
        raise RewardUnavailable
    if reward.uses_in_all is not None:
        Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
        if _uses(book, reward) >= reward.uses_in_all:
            raise RewardUnavailable


def _uses(book: Book, reward: Reward, card: Card | None = None, after: int = 0) -> int:
    """How often it was taken and not given back since that operation, in this book too."""
    taken = Operation.objects.filter(reward=reward, reversed_by=None, pk__gt=after)
    if card is not None:
        taken = taken.filter(card=card)
    return taken.count() + book.pages.taken(reward.pk, card.pk if card else None, after)
