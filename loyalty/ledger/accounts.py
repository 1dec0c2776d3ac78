"""One account while a book is open: its row, the lots seen so far and the order they go in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import F, Min, QuerySet, Window
from django.db.models.functions import RowNumber

from loyalty import bulk
from loyalty.ledger import rows
from loyalty.ledger.rows import AccountRow, LotRow
from loyalty.models import Account, Card, Lot

# Who spends first has this many open lots read of each account of the book that may spend as well:
# most spending takes from one or two. Whoever needs more reads on, this many at a time.
LOTS_AHEAD = 5
LOTS_AT_ONCE = 20


def open_accounts(card: Card) -> list[AccountRow]:
    """An account for each unit of its program's type; called once, when the card is issued."""
    return open_accounts_of([card])[card.pk]


def open_accounts_of(cards: Sequence[Card]) -> dict[int, list[AccountRow]]:
    """The same for many new cards, by card."""
    wanted = [(card.pk, unit) for card in cards for unit in card.program.units]
    numbers = bulk.ids(Account, len(wanted)) if wanted else []
    opened: dict[int, list[AccountRow]] = {card.pk: [] for card in cards}
    for pk, (card_id, unit) in zip(numbers, wanted, strict=True):
        opened[card_id].append(AccountRow(pk, card_id, unit))
    bulk.insert(Account, [account for accounts in opened.values() for account in accounts])
    return opened


class OpenAccount:
    """A locked account. `lots` holds the one object of this book for each lot it has met."""

    __slots__ = (
        *("row", "is_changed", "has_lapsed", "lots", "new_lots", "changed_lots"),
        *("_book", "_is_begun", "_in_order", "_read_all"),
    )

    def __init__(self, row: AccountRow, book: dict[tuple[int, str], "OpenAccount"]) -> None:
        self.row = row
        self._book = book
        self._is_begun = False
        self.is_changed = False
        self.has_lapsed = False  # all that it held, when this book was opened
        self.lots: dict[int, LotRow] = {}
        self.new_lots: list[LotRow] = []
        self.changed_lots: dict[int, LotRow] = {}
        self._in_order: list[LotRow] = []
        self._read_all = False

    def keep_until(self, moment: datetime) -> None:
        """All that it holds is over then, unless it is kept longer before."""
        self.row.lapses_at = moment
        self.row.next_expiry = min(self.row.next_expiry, moment)
        self.is_changed = True

    def add(self, lot: LotRow) -> None:
        """A lot made in this book."""
        self.lots[lot.id] = lot
        self.new_lots.append(lot)
        self.row.next_expiry = min(self.row.next_expiry, lot.expires_at)

    def take(self, amount: int, first: Iterable[LotRow] = ()) -> Iterator[tuple[LotRow, int]]:
        """Take up to that much out of open lots: out of `first`, then soonest expiry, then oldest.

        Yields each lot with what it gave; together they may give less than was asked.
        """
        for lot in self._candidates(amount, first):
            part = min(lot.remaining, amount)
            if part > 0:
                lot.remaining -= part
                amount -= part
                self._changed(lot)
                yield lot, part
            if amount == 0:
                return

    def give_back(self, lot: LotRow, amount: int) -> None:
        """Put something back into a lot it was taken from."""
        lot.remaining += amount
        self.row.next_expiry = min(self.row.next_expiry, lot.expires_at)
        self._changed(lot)

    def known(self, lot: LotRow) -> LotRow:
        return self.lots.setdefault(lot.id, lot)

    def _candidates(self, amount: int, first: Iterable[LotRow]) -> Iterator[LotRow]:
        own = [self.known(lot) for lot in first]
        yield from own
        # Whatever is not read yet goes after lots that already hold enough.
        self._read_enough(amount)
        rest = [lot for lot in self.lots.values() if lot not in own]
        yield from sorted(rest, key=lambda lot: (lot.expires_at, lot.id))

    def _read_enough(self, amount: int) -> None:
        if amount and not self._is_begun:
            others = (each for each in self._book.values() if each.row.unit == self.row.unit)
            _read_ahead([each for each in others if not each._is_begun])
        while not self._read_all and sum(lot.remaining for lot in self._in_order) < amount:
            unread = _open([self]).exclude(pk__in=[lot.id for lot in self._in_order])
            self.has_read(rows.lots(unread[:LOTS_AT_ONCE]), LOTS_AT_ONCE)

    def has_read(self, lots: Iterable[LotRow], limit: int) -> None:
        """The next open lots in order; fewer than the limit are all there are."""
        known = [self.known(lot) for lot in lots]
        self._in_order += known
        self._read_all = len(known) < limit
        self._is_begun = True

    def _changed(self, lot: LotRow) -> None:
        if lot not in self.new_lots:
            self.changed_lots[lot.id] = lot


def due_lots(
    accounts: Iterable[OpenAccount], now: datetime
) -> Iterator[tuple[OpenAccount, LotRow]]:
    """Their open lots whose time is over, each account's soonest first."""
    by_row = {account.row.id: account for account in accounts}
    for lot in rows.lots(_open(by_row.values()).filter(expires_at__lte=now)):
        account = by_row[lot.account_id]
        yield account, account.known(lot)


def next_expiries(accounts: Iterable[OpenAccount], now: datetime) -> dict[int, datetime]:
    """When something of theirs is over next, by account; not there: never."""
    later = _open(accounts).filter(expires_at__gt=now).order_by()
    return dict(later.values_list("account").annotate(Min("expires_at")))


def _read_ahead(accounts: list[OpenAccount]) -> None:
    """The first open lots of each, in one statement."""
    in_order = Window(RowNumber(), partition_by="account", order_by=[F("expires_at"), F("pk")])
    found: dict[int, list[LotRow]] = {account.row.id: [] for account in accounts}
    first = _open(accounts).annotate(nth=in_order).filter(nth__lte=LOTS_AHEAD)
    for lot in rows.lots(first):
        found[lot.account_id].append(lot)
    for account in accounts:
        account.has_read(found[account.row.id], LOTS_AHEAD)


def _open(accounts: Iterable[OpenAccount]) -> QuerySet[Lot]:
    numbers = [account.row.id for account in accounts]
    return Lot.objects.filter(account_id__among=numbers, remaining__gt=0).order_by(
        "expires_at", "pk"
    )
