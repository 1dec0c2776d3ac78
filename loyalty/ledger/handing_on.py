"""From one card to another: an operation on each, and what is handed on keeps its end."""

from datetime import datetime

from loyalty.ledger.accounts import OpenAccount
from loyalty.ledger.book import Book
from loyalty.ledger.rows import LotRow
from loyalty.models.operation import NEVER
from loyalty.postings import Change, Kind, Line, Posted, Posting

RECEIVED = "to:"  # before the key under which it was given


def hand_on(book: Book, out: Posting, to_card: int) -> tuple[Posted, Posted]:
    """Take `out.amount` of `out.unit` off one card of this book and give it to another, soonest
    ending first; debt there is paid first, and full rows become rewards.

    Says what was done to each. The second operation's key is `to:` and the first's. Whether it is
    allowed, and whether there is enough, was asked before. It was not earned, and not spent.
    """
    into = out._replace(card_id=to_card, key=f"{RECEIVED}{out.key}", comment="")
    giver, taker = book.accounts[out.card_id, out.unit], book.accounts[to_card, out.unit]
    given, received = (book.pages.begin(each, book.now) for each in (out, into))
    line, parts = book.pages.take_parts(given, giver, Change(out.unit, -out.amount, Kind.TRANSFER))
    lines = []
    for ends, amount in _by_end(book, giver, taker, parts).items():
        change = Change(out.unit, amount, Kind.TRANSFER)
        lines.append(book.pages.give(received, taker, change, ends))
    card = book.card(to_card)
    for change in card.program.overflow(book.held(to_card)):
        account = book.accounts[to_card, change.unit]
        lines.append(book.apply(received, account, change, []))
    done = []
    for operation, theirs in ((given, [line]), (received, lines)):
        posted = Posted(
            operation.id, operation.card_id, operation.kind, operation.key, operation.at, theirs
        )
        _tell(book, posted, out)
        done.append(posted)
    return done[0], done[1]


def _by_end(
    book: Book, giver: OpenAccount, taker: OpenAccount, parts: list[tuple[LotRow, int]]
) -> dict[datetime, int]:
    """How much ends when, soonest first. Where all of the taker's ends together, that is put off
    until the last of it would have ended."""
    found: dict[datetime, int] = {}
    for lot, amount in parts:
        ends = min(lot.expires_at, giver.row.lapses_at)
        found[ends] = found.get(ends, 0) + amount
    card, unit = book.card(taker.row.card_id), taker.row.unit
    if not card.program.lapses(unit) or not found:
        return dict(sorted(found.items()))
    last = max(found)
    if last == NEVER:
        last = card.program.lot_ends(unit, card, book.now, book.home) or NEVER
    known = taker.row.lapses_at
    taker.keep_until(last if known == NEVER else max(known, last))
    return {NEVER: sum(found.values())}


def _tell(book: Book, posted: Posted, out: Posting) -> None:
    operation = book.pages.operation(posted.id)
    customer_id = book.card(posted.card_id).customer_id
    for line in posted.lines:
        book.pages.tell(operation, out.cause, line, 0, customer_id)


def covers(lines: list[Line], book: Book, card_id: int) -> bool:
    """Whether the card still holds all that these lines gave it."""
    gained: dict[str, int] = {}
    for line in lines:
        gained[line.unit] = gained.get(line.unit, 0) + line.amount
    return all(book.balance(card_id, unit) >= amount for unit, amount in gained.items())


def hand_on_debt(book: Book, out: Posting, to_card: int) -> None:
    """What the posting's card owes of `out.unit`, the other owes instead: it pays at once what it
    can. Nothing where nothing is owed."""
    debtor, payer = book.accounts[out.card_id, out.unit], book.accounts[to_card, out.unit]
    owed = debtor.row.debt
    if not owed:
        return
    into = out._replace(card_id=to_card, key=f"{RECEIVED}{out.key}", comment="")
    freed, paid = (book.pages.begin(each, book.now) for each in (out, into))
    book.pages.give(freed, debtor, Change(out.unit, owed, Kind.TRANSFER), None)
    line = book.pages.take(paid, payer, Change(out.unit, -owed, Kind.TRANSFER))
    if line.amount:
        book.pages.tell(paid, out.cause, line, 0, book.card(to_card).customer_id)


def hand_on_all(book: Book, out: Posting, to_card: int) -> None:
    """All that the posting's card holds and owes, unit by unit; each has a key below the
    posting's."""
    for unit in book.card(out.card_id).program.units:
        wish = out._replace(
            kind=Kind.TRANSFER,
            key=f"{out.key}:{unit}",
            unit=unit,
            amount=book.balance(out.card_id, unit),
        )
        if wish.amount:
            hand_on(book, wish, to_card)
        hand_on_debt(book, wish._replace(key=f"{wish.key}:debt"), to_card)


def add_lifetimes(book: Book, card_id: int, to_card: int, unit: str) -> None:
    """What one card ever earned and spent counts as the other's, which is the same person's."""
    one, other = book.accounts[card_id, unit].row, book.accounts[to_card, unit]
    other.row.lifetime_in += one.lifetime_in
    other.row.lifetime_out += one.lifetime_out
    other.is_changed = True
