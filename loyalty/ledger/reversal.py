"""Undoing an operation: whole, once, by another operation."""

from collections.abc import Iterator

from django.db.models import Q

from loyalty.errors import AlreadyReversed, IllegalOperation
from loyalty.ledger import graces, rows
from loyalty.ledger.accounts import OpenAccount
from loyalty.ledger.book import Book
from loyalty.ledger.pages import GRACE
from loyalty.ledger.rows import LotRow, OperationRow
from loyalty.models import Entry, Lot, Move, Operation
from loyalty.postings import Change, Kind, Line, Posted, Posting

REVERSIBLE = {Kind.ACCRUE, Kind.REDEEM, Kind.TRANSFER}


def reverse(book: Book, operation: Operation, posting: Posting) -> Posted:
    """Take back what it gave (its own lots first, the rest becomes debt), give back what it took.

    The entries are undone last first, so ten stamps that became a reward are ten stamps again
    before they are taken. Raises AlreadyReversed, and IllegalOperation for kinds that follow from
    something else (a refund, an expiry, another reversal).
    """
    if before := book.replay(posting):
        return before
    if operation.kind not in REVERSIBLE:
        raise IllegalOperation
    if Operation.objects.filter(reverses=operation).exists():
        raise AlreadyReversed
    card = book.card(operation.card_id)
    reversal = book.pages.begin(posting, book.now, reverses=operation.pk)
    posted = Posted(
        reversal.id, card.pk, Kind.REVERSE, reversal.key, reversal.at,
        comment=posting.comment, reverses=operation.pk,
    )  # fmt: skip
    means = card.program.still_means(operation.at, card, book.now, book.home)
    for entry, lot, taken in _last_first(operation) if means else ():
        account = book.accounts[card.pk, entry.account.unit]
        line, lost = _undo(book, reversal, account, entry, lot, taken)
        posted.lines.append(line)
        book.pages.tell(reversal, posting.cause, line, 0, card.customer_id)
        if lost:
            book.tell_expiry(*book.pages.forfeit(account, lost))
    return posted


def _last_first(
    operation: Operation,
) -> Iterator[tuple[Entry, LotRow | None, list[tuple[LotRow, int]]]]:
    """Each entry with the lot it made, and what it took from which lots."""
    entries = list(operation.entries.select_related("account").order_by("-pk"))
    made_or_used = Q(entry__in=entries) | Q(moves__entry__in=entries)
    lots = {lot.id: lot for lot in rows.lots(Lot.objects.filter(made_or_used).distinct())}
    made = {lot.entry_id: lot for lot in lots.values()}
    taken: dict[int, list[tuple[LotRow, int]]] = {}
    moves = Move.objects.filter(entry__in=entries, delta__lt=0).order_by("pk")
    for entry_id, lot_id, delta in moves.values_list("entry_id", "lot_id", "delta"):
        taken.setdefault(entry_id, []).append((lots[lot_id], -delta))
    for entry in entries:
        yield entry, made.get(entry.pk), taken.get(entry.pk, [])


def _undo(
    book: Book,
    reversal: OperationRow,
    account: OpenAccount,
    entry: Entry,
    lot: LotRow | None,
    taken: list[tuple[LotRow, int]],
) -> tuple[Line, list[tuple[LotRow, int]]]:
    """The line, and what of it comes back too late to stay."""
    gave = entry.amount - entry.debt_delta
    row = account.row
    if gave >= 0:
        if entry.kind != Kind.TRANSFER:
            row.lifetime_in = max(0, row.lifetime_in - gave)
        change = Change(row.unit, -gave, Kind.REVERSE)
        return book.pages.take(reversal, account, change, [lot] if lot else []), []
    if entry.kind == Kind.REDEEM:
        row.lifetime_out = max(0, row.lifetime_out + gave)
    over = graces.over([lot for lot, _amount in taken if lot.expires_at <= book.now])
    lapses = book.card(row.card_id).program.lapses(row.unit)
    if lapses and graces.has_lapsed(account, entry):
        if graces.lived_by_one(entry):
            over = {lot.id for lot, _amount in taken}
        else:
            account.keep_until(book.now + GRACE)
    return book.pages.give_back(reversal, account, taken, over)
