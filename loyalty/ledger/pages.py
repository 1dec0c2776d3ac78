"""What a book will write: operations, entries, lots, moves and the events that tell of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models

from loyalty import bulk, events
from loyalty.causes import CLOCK, Cause
from loyalty.ledger.accounts import OpenAccount
from loyalty.models import Account, Entry, Lot, Move, Operation, OperationNote
from loyalty.models.event import Event
from loyalty.models.operation import NEVER
from loyalty.postings import Change, Kind, Line, Posting

# What is given back to a lot that has expired meanwhile lives this much longer.
GRACE = timedelta(days=30)


class Keys:
    """Primary keys drawn ahead: few for a single posting, more for a batch."""

    def __init__(self, model: type[models.Model], first: int) -> None:
        self.model = model
        self._drawn: list[int] = []
        self._next = max(4, min(256, first))

    def draw(self) -> int:
        if not self._drawn:
            self._drawn = bulk.ids(self.model, self._next)[::-1]
            self._next = min(256, self._next * 4)
        return self._drawn.pop()


class Pages:
    def __init__(self, now: datetime, cards: int) -> None:
        self.now = now
        self.events: list[Event] = []
        self._operations: dict[int, Operation] = {}
        self._notes: list[OperationNote] = []
        self._entries: list[Entry] = []
        self._moves: list[Move] = []
        self._operation_keys = Keys(Operation, cards)
        self._entry_keys = Keys(Entry, cards)
        self._lot_keys = Keys(Lot, cards)

    def operation(self, pk: int) -> Operation:
        return self._operations[pk]

    def begin(self, posting: Posting, at: datetime, reverses: int | None = None) -> Operation:
        operation = Operation(
            pk=self._operation_keys.draw(),
            card_id=posting.card_id,
            kind=posting.kind,
            key=posting.key,
            fingerprint=posting.print(),
            actor=posting.actor,
            reason=posting.reason,
            location_id=posting.location_id,
            order_id=posting.order_id,
            reverses_id=reverses,
            at=at,
        )
        self._operations[operation.pk] = operation
        if posting.comment:
            self._notes.append(OperationNote(operation=operation, comment=posting.comment))
        return operation

    # --- entries --------------------------------------------------------------------------

    def give(
        self, operation: Operation, account: OpenAccount, change: Change, expires: datetime | None
    ) -> Line:
        """Pay the debt first; what is left becomes a lot."""
        paid = min(account.row.debt, change.amount)
        amount = change.amount - paid
        entry = self._entry(operation, account, change.kind, amount, -paid)
        if amount:
            self._new_lot(entry, account, amount, expires or NEVER)
        return _line(entry, change.unit)

    def take(
        self, operation: Operation, account: OpenAccount, change: Change, first: Iterable[Lot] = ()
    ) -> Line:
        """Out of lots as far as they go; what is missing becomes debt."""
        parts = list(account.take(-change.amount, first))
        taken = sum(part for _lot, part in parts)
        entry = self._entry(operation, account, change.kind, -taken, -change.amount - taken)
        for lot, part in parts:
            self._moves.append(Move(entry=entry, lot=lot, delta=-part))
        return _line(entry, change.unit)

    def give_back(
        self, operation: Operation, account: OpenAccount, taken: Iterable[tuple[Lot, int]]
    ) -> Line:
        """Into the very lots it came from; in place of an expired one a new lot with grace."""
        parts = [(account.known(lot), amount) for lot, amount in taken]
        total = sum(amount for _lot, amount in parts)
        owed = min(account.row.debt, total)
        entry = self._entry(operation, account, Kind.REVERSE, total - owed, -owed)
        late = 0
        for lot, amount in parts:
            paid = min(owed, amount)
            owed, left = owed - paid, amount - paid
            if lot.expires_at <= self.now:
                late += left
            elif left:
                account.give_back(lot, left)
                self._moves.append(Move(entry=entry, lot=lot, delta=left))
        if late:
            self._new_lot(entry, account, late, self.now + GRACE)
        return _line(entry, account.row.unit)

    def expire(self, account: OpenAccount, lot: Lot) -> tuple[Operation, Line]:
        posting = Posting(
            card_id=account.row.card_id,
            kind=Kind.EXPIRE,
            key=f"exp:{lot.pk}",
            actor="clock",
            cause=CLOCK,
            unit=account.row.unit,
            amount=lot.remaining,
        )
        operation = self.begin(posting, lot.expires_at)
        change = Change(account.row.unit, -lot.remaining, Kind.EXPIRE)
        return operation, self.take(operation, account, change, [lot])

    def _new_lot(self, entry: Entry, account: OpenAccount, amount: int, expires: datetime) -> None:
        lot = Lot(
            pk=self._lot_keys.draw(),
            account=account.row,
            entry=entry,
            amount=amount,
            remaining=amount,
            expires_at=expires,
        )
        account.add(lot)
        self._moves.append(Move(entry=entry, lot=lot, delta=amount))

    def _entry(
        self, operation: Operation, account: OpenAccount, kind: Kind, amount: int, debt_delta: int
    ) -> Entry:
        row = account.row
        row.balance += amount
        row.debt += debt_delta
        row.seq += 1
        account.is_changed = True
        entry = Entry(
            pk=self._entry_keys.draw(),
            operation=operation,
            account=row,
            kind=kind,
            seq=row.seq,
            amount=amount,
            debt_delta=debt_delta,
            balance_after=row.balance,
        )
        self._entries.append(entry)
        return entry

    # --- news -----------------------------------------------------------------------------

    def tell(
        self, operation: Operation, cause: Cause, line: Line, cycle: int, customer_id: int
    ) -> None:
        """`balance_changed`, once for each entry."""
        fact = events.BalanceChanged(
            unit=line.unit,
            amount=line.amount,
            before=line.before,
            after=line.balance,
            cycle=cycle,
            cause=cause.text,
        )
        self.tell_fact(operation, fact, cause, customer_id)

    def tell_expiry(self, operation: Operation, line: Line, customer_id: int) -> None:
        self.tell(operation, CLOCK, line, 0, customer_id)
        fact = events.ValueExpired(unit=line.unit, amount=-line.amount)
        self.tell_fact(operation, fact, CLOCK, customer_id)

    def tell_fact(
        self, operation: Operation, fact: events.Fact, cause: Cause, customer_id: int
    ) -> None:
        self.events.append(
            events.draft(
                fact,
                key=f"op:{operation.pk}:{len(self.events)}",
                customer_id=customer_id,
                card_id=operation.card_id,
                location_id=operation.location_id,
                cause=cause,
                at=operation.at,
                now=self.now,
            )
        )

    # --- writing --------------------------------------------------------------------------

    def write(self, accounts: Iterable[OpenAccount]) -> None:
        changed = [account for account in accounts if account.is_changed]
        bulk.insert(Operation, list(self._operations.values()))
        bulk.insert(OperationNote, self._notes)
        bulk.insert(Entry, self._entries)
        bulk.insert(Lot, [lot for account in changed for lot in account.new_lots])
        bulk.insert(Move, self._moves)
        lots = [lot for account in changed for lot in account.changed_lots.values()]
        bulk.update(Lot, lots, ["remaining"])
        bulk.update(
            Account,
            [account.row for account in changed],
            ["balance", "debt", "seq", "lifetime_in", "lifetime_out", "next_expiry"],
        )
        events.write(self.events)


def _line(entry: Entry, unit: str) -> Line:
    return Line(unit, Kind(entry.kind), entry.amount, entry.balance_after, entry.debt_delta)
