"""What is taken from a card, for which reward, and what is told of it; the till and automations
share it."""

from django.db.models import Max

from loyalty import events
from loyalty.errors import RewardUnavailable
from loyalty.ledger import Book, Posted, Posting
from loyalty.models import Card, Entry, Operation, Reward


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
    if _uses_in_row(book, reward, card):
        raise RewardUnavailable
    if reward.uses_per_card is not None and _uses_of(book, reward, card) >= reward.uses_per_card:
        raise RewardUnavailable
    if reward.uses_in_all is not None:
        Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
        if _uses(book, reward) >= reward.uses_in_all:
            raise RewardUnavailable


def _uses_in_row(book: Book, reward: Reward, card: Card) -> int:
    """How often in the row it is filling; stamps that came with another card were of its row."""
    program = card.program
    began = program.row_began(card)
    if began is None:
        return 0
    began = max(began, book.pages.last_row(card.pk))
    return _uses(book, reward, card.pk, began) + sum(
        _uses(book, reward, closed.pk, program.row_began(closed) or 0)
        for closed in Card.objects.closed_into(card)
        if _last_moved(closed, program.earns) > began
    )


def _uses_of(book: Book, reward: Reward, card: Card) -> int:
    """How often with that card, and with those whose place it took."""
    closed = Card.objects.closed_into(card).values_list("pk", flat=True)
    return sum(_uses(book, reward, pk) for pk in (card.pk, *closed))


def _uses(book: Book, reward: Reward, card_id: int | None = None, after: int = 0) -> int:
    """How often it was taken and not given back since that operation, in this book too."""
    taken = Operation.objects.filter(reward=reward, reversed_by=None, pk__gt=after)
    if card_id is not None:
        taken = taken.filter(card=card_id)
    return taken.count() + book.pages.taken(reward.pk, card_id, after)


def _last_moved(card: Card, unit: str) -> int:
    """The last operation that changed how much of it that card holds; 0: none did."""
    entries = Entry.objects.filter(account__card=card, account__unit=unit)
    return int(entries.aggregate(last=Max("operation"))["last"] or 0)
