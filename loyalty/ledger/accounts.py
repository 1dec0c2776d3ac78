"""One account while a book is open: its row, the lots seen so far and the order they go in."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from loyalty import bulk
from loyalty.models import Account, Card, Lot
from loyalty.models.operation import NEVER
from loyalty.postings import Held

# Open lots are read this many at a time: most spending takes from one or two.
LOTS_AT_ONCE = 20


def open_accounts(card: Card) -> list[Account]:
    """An account for each unit of its program's type; called once, when the card is issued."""
    accounts = [Account(card=card, unit=unit) for unit in card.program.units]
    bulk.insert(Account, accounts)
    return accounts


class OpenAccount:
    """A locked account. `lots` holds the one object of this book for each lot it has met."""

    def __init__(self, row: Account) -> None:
        self.row = row
        self.is_changed = False
        self.lots: dict[int, Lot] = {}
        self.new_lots: list[Lot] = []
        self.changed_lots: dict[int, Lot] = {}
        self._in_order: list[Lot] = []
        self._read_all = False

    def held(self) -> Held:
        row = self.row
        return Held(row.balance, row.debt, row.lifetime_in, row.lifetime_out)

    def add(self, lot: Lot) -> None:
        """A lot made in this book."""
        self.lots[lot.pk] = lot
        self.new_lots.append(lot)
        self.row.next_expiry = min(self.row.next_expiry, lot.expires_at)

    def take(self, amount: int, first: Iterable[Lot] = ()) -> Iterator[tuple[Lot, int]]:
        """Take up to that much out of open lots: out of `first`, then soonest expiry, then oldest.

        Yields each lot with what it gave; together they may give less than was asked.
        """
        for lot in self._candidates(amount, first):
            if amount == 0:
                return
            part = min(lot.remaining, amount)
            if part > 0:
                lot.remaining -= part
                amount -= part
                self._changed(lot)
                yield lot, part

    def give_back(self, lot: Lot, amount: int) -> None:
        """Put something back into a lot it was taken from."""
        lot.remaining += amount
        self.row.next_expiry = min(self.row.next_expiry, lot.expires_at)
        self._changed(lot)

    def known(self, lot: Lot) -> Lot:
        return self.lots.setdefault(lot.pk, lot)

    def due_lots(self, now: datetime) -> list[Lot]:
        """Open lots whose time is over, soonest first."""
        return [self.known(lot) for lot in self._open().filter(expires_at__lte=now)]

    def next_open_expiry(self, now: datetime) -> datetime:
        lot = self._open().filter(expires_at__gt=now).first()
        return lot.expires_at if lot else NEVER

    def _candidates(self, amount: int, first: Iterable[Lot]) -> Iterator[Lot]:
        own = [self.known(lot) for lot in first]
        yield from own
        # Whatever is not read yet goes after lots that already hold enough.
        self._read_enough(amount)
        rest = [lot for lot in self.lots.values() if lot not in own]
        yield from sorted(rest, key=lambda lot: (lot.expires_at, lot.pk))

    def _read_enough(self, amount: int) -> None:
        while not self._read_all and sum(lot.remaining for lot in self._in_order) < amount:
            unread = self._open().exclude(pk__in=[lot.pk for lot in self._in_order])
            rows = [self.known(lot) for lot in unread[:LOTS_AT_ONCE]]
            self._in_order += rows
            self._read_all = len(rows) < LOTS_AT_ONCE

    def _open(self) -> QuerySet[Lot]:
        return Lot.objects.filter(account=self.row, remaining__gt=0).order_by("expires_at", "pk")

    def _changed(self, lot: Lot) -> None:
        if lot not in self.new_lots:
            self.changed_lots[lot.pk] = lot
