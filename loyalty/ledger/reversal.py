"""Undoing an operation: whole, once, by another operation."""

from collections.abc import Iterator

from loyalty.errors import AlreadyReversed, IllegalOperation
from loyalty.ledger.accounts import OpenAccount
from loyalty.ledger.book import Book
from loyalty.models import Entry, Lot, Move, Operation
from loyalty.postings import Change, Kind, Line, Posted, Posting

REVERSIBLE = {Kind.ACCRUE, Kind.REDEEM}


def reverse(book: Book, operation: Operation, posting: Posting) -> Posted:
    """Take back what it gave (its own lots first, the rest becomes debt), give back what it took.

    The entries are undone last first, so ten stamps that became a reward are ten stamps again
    before they are taken. Raises AlreadyReversed, and IllegalOperation for kinds that follow from
    something else (a refund, an expiry, another reversal).
    """
    if before := book.replay(posting.key, posting.print()):
        return before
    if operation.kind not in REVERSIBLE:
        raise IllegalOperation
    if Operation.objects.filter(reverses=operation).exists():
        raise AlreadyReversed
    card = book.card(operation.card_id)
    reversal = book.pages.begin(posting, book.now, reverses=operation.pk)
    posted = Posted(
        reversal.pk, card.pk, Kind.REVERSE, reversal.key, reversal.at,
        comment=posting.comment, reverses=operation.pk,
    )  # fmt: skip
    for entry, lot, moves in _last_first(operation):
        account = book.accounts[card.pk, entry.account.unit]
        line = _undo(book, reversal, account, entry, lot, moves)
        posted.lines.append(line)
        book.pages.tell(reversal, posting.cause, line, 0, card.customer_id)
    return posted


def _last_first(operation: Operation) -> Iterator[tuple[Entry, Lot | None, list[Move]]]:
    entries = list(operation.entries.select_related("account").order_by("-pk"))
    moves = list(
        Move.objects.filter(entry__in=entries, delta__lt=0).select_related("lot").order_by("pk")
    )
    lots = {lot.entry_id: lot for lot in Lot.objects.filter(entry__in=entries)}
    for entry in entries:
        yield entry, lots.get(entry.pk), [move for move in moves if move.entry_id == entry.pk]


def _undo(
    book: Book,
    reversal: Operation,
    account: OpenAccount,
    entry: Entry,
    lot: Lot | None,
    moves: list[Move],
) -> Line:
    gave = entry.amount - entry.debt_delta
    row = account.row
    if gave >= 0:
        row.lifetime_in = max(0, row.lifetime_in - gave)
        change = Change(row.unit, -gave, Kind.REVERSE)
        return book.pages.take(reversal, account, change, [lot] if lot else [])
    if entry.kind == Kind.REDEEM:
        row.lifetime_out = max(0, row.lifetime_out + gave)
    return book.pages.give_back(reversal, account, [(move.lot, -move.delta) for move in moves])
