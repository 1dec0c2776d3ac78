"""Transfers: what a card holds goes to another one, where their programs let it."""

from django.utils.translation import gettext as _

from loyalty import ledger
from loyalty.errors import (
    AlreadyReversed,
    CardExpired,
    IllegalOperation,
    InsufficientBalance,
    NotFound,
)
from loyalty.ledger import Book, Posted, Posting
from loyalty.models.card import Card, CardStatus
from loyalty.models.operation import MOST, Operation
from loyalty.models.program import Program


def transfer(book: Book, out: Posting, to_card: int) -> tuple[Posted, Posted]:
    """Move `out.amount` (positive) of `out.unit` from the posting's card to another card of this
    book, once for its key; says what was done to each.

    Lots keep their ends. Raises IllegalOperation where a program does not let it or the two count
    different things, InsufficientBalance, CardExpired and NotFound.
    """
    if before := book.replay(out):
        return before, _other(before)
    giver, taker = book.card(out.card_id), book.card(to_card)
    _require_allowed(book, giver, taker, out)
    held, there = book.held(giver.pk)[out.unit], book.held(taker.pk)[out.unit]
    if held.balance < out.amount:
        raise InsufficientBalance
    if there.balance + out.amount > MOST:
        raise IllegalOperation(_("No card holds that much."))
    return ledger.hand_on(book, out, to_card)


def undo(book: Book, operation: Operation, posting: Posting) -> Posted:
    """Reverse both halves of a transfer, once; says what was done to the posting's card.

    Raises InsufficientBalance where the card that received it has spent it, AlreadyReversed, and
    IllegalOperation where one of them is blocked, deleted or merged into another.
    """
    if before := book.replay(posting):
        return before
    halves = pair(operation)
    received = ledger.read_back(halves[1])
    if Operation.objects.filter(reverses__in=halves).exists():
        raise AlreadyReversed
    if any(book.card(half.card_id).status != CardStatus.ACTIVE for half in halves):
        raise IllegalOperation(_("One of these cards cannot be used for that any more."))
    if not ledger.covers(received.lines, book, received.card_id):
        raise InsufficientBalance(_("The card that received it does not hold it any more."))
    mine = posting.card_id
    done = {}
    for half in reversed(halves):
        key = posting.key if half.card_id == mine else f"{ledger.RECEIVED}{posting.key}"
        wish = posting._replace(card_id=half.card_id, key=key)
        done[half.card_id] = ledger.reverse(book, half, wish)
    return done[mine]


def pair(operation: Operation) -> tuple[Operation, Operation]:
    """Both halves of a transfer, the giving one first."""
    given = operation.key.removeprefix(ledger.RECEIVED)
    found = Operation.objects.in_bulk([given, ledger.RECEIVED + given], field_name="key")
    return found[given], found[ledger.RECEIVED + given]


def _other(posted: Posted) -> Posted:
    return ledger.read_back(Operation.objects.get(key=f"{ledger.RECEIVED}{posted.key}"))


def _require_allowed(book: Book, giver: Card, taker: Card, out: Posting) -> None:
    if giver.pk == taker.pk:
        raise IllegalOperation(_("Choose another card."))
    for card in (giver, taker):
        if card.status != CardStatus.ACTIVE:
            raise NotFound
        if card.is_expired(book.now):
            raise CardExpired
        card.program.require_legal(out, card, book.now, book.home)
        if not card.program.allows_transfer:
            raise IllegalOperation(
                _("Nothing is transferred from or to cards of “%s”.") % card.program
            )
    if _counts(giver.program) != _counts(taker.program):
        raise IllegalOperation(_("These two cards do not count the same."))
    can_give = giver.program.can(book.held(giver.pk), giver)
    can_take = taker.program.can(book.held(taker.pk), taker)
    if "redeem" not in can_give or "accrue" not in can_take:
        raise IllegalOperation(_("One of these cards cannot be used for that any more."))


def _counts(program: Program) -> tuple[str, str]:
    """A cashback card's points are money, a reward card's are not."""
    return program.type, program.currency
