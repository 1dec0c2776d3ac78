"""What a book will write: operations, entries, lots, moves and the events that tell of them."""

from collections import deque
from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from django.db import models

from loyalty import bulk, events
from loyalty.causes import CLOCK, Cause
from loyalty.events import Draft
from loyalty.ledger.accounts import OpenAccount
from loyalty.ledger.rows import EntryRow, LotRow, MoveRow, NoteRow, OperationRow
from loyalty.models import Account, Entry, Lot, Move, Operation, OperationNote
from loyalty.models.operation import NEVER
from loyalty.postings import Change, Kind, Line, Posting

# What is given back to a lot that has expired meanwhile lives this much longer; once.
GRACE = timedelta(days=30)

# Of what is drawn for a batch few are wasted; gaps are harmless.
MOST_DRAWN = 1024


class Numbers:
    """Primary keys drawn ahead: few for a single posting, more for a batch."""

    TABLES = (Operation, Entry, Lot)

    def __init__(self, first: int) -> None:
        self._drawn: dict[type[models.Model], deque[int]] = {
            table: deque() for table in self.TABLES
        }
        self._next = max(4, min(MOST_DRAWN, first))

    def draw(self, table: type[models.Model]) -> int:
        drawn = self._drawn[table]
        if not drawn:
            for each, numbers in zip(
                self.TABLES, bulk.ids_of(self.TABLES, self._next), strict=True
            ):
                self._drawn[each] += numbers
            self._next = min(MOST_DRAWN, self._next * 4)
        return drawn.popleft()


class Pages:
    def __init__(self, now: datetime, cards: int) -> None:
        self.now = now
        self.events: list[Draft] = []
        self._operations: dict[int, OperationRow] = {}
        self._notes: list[NoteRow] = []
        self._entries: list[EntryRow] = []
        self._moves: list[MoveRow] = []
        self._numbers = Numbers(cards)

    def operation(self, pk: int) -> OperationRow:
        return self._operations[pk]

    def taken(self, reward_id: int, card_id: int | None, after: int) -> int:
        """How often that reward was taken here since that operation, from that card or any."""
        return sum(
            row.reward_id == reward_id and card_id in (None, row.card_id) and row.id > after
            for row in self._operations.values()
        )

    def last_row(self, card_id: int) -> int:
        """The last operation here that filled a row of that card; 0: none did."""
        return max(
            (
                entry.operation_id
                for entry in self._entries
                if entry.kind == Kind.CONVERT and entry.amount < 0
                if self._operations[entry.operation_id].card_id == card_id
            ),
            default=0,
        )

    def begin(self, posting: Posting, at: datetime, reverses: int | None = None) -> OperationRow:
        operation = OperationRow(
            id=self._numbers.draw(Operation),
            card_id=posting.card_id,
            kind=posting.kind.value,
            key=posting.key,
            fingerprint=posting.print(),
            actor=posting.actor,
            reason=posting.reason,
            location_id=posting.location_id,
            order_id=posting.order_id,
            reverses_id=reverses,
            reward_id=posting.reward_id,
            at=at,
        )
        self._operations[operation.id] = operation
        if posting.comment:
            self._notes.append(NoteRow(operation.id, posting.comment))
        return operation

    # --- entries --------------------------------------------------------------------------

    def give(
        self,
        operation: OperationRow,
        account: OpenAccount,
        change: Change,
        expires: datetime | None,
    ) -> Line:
        """Pay the debt first; what is left becomes a lot."""
        paid = min(account.row.debt, change.amount)
        amount = change.amount - paid
        entry = self._entry(operation, account, change.kind, amount, -paid)
        if amount:
            self._new_lot(entry, account, amount, expires or NEVER)
        return _line(entry, change.unit, change.kind)

    def take(
        self,
        operation: OperationRow,
        account: OpenAccount,
        change: Change,
        first: Iterable[LotRow] = (),
    ) -> Line:
        """Out of lots as far as they go; what is missing becomes debt."""
        return self.take_parts(operation, account, change, first)[0]

    def take_parts(
        self,
        operation: OperationRow,
        account: OpenAccount,
        change: Change,
        first: Iterable[LotRow] = (),
    ) -> tuple[Line, list[tuple[LotRow, int]]]:
        """The same; says what each lot gave as well."""
        parts = list(account.take(-change.amount, first))
        taken = sum(part for _lot, part in parts)
        entry = self._entry(operation, account, change.kind, -taken, -change.amount - taken)
        for lot, part in parts:
            self._moves.append(MoveRow(entry.id, lot.id, -part))
        return _line(entry, change.unit, change.kind), parts

    def give_back(
        self,
        operation: OperationRow,
        account: OpenAccount,
        taken: Iterable[tuple[LotRow, int]],
        over: Container[int],
    ) -> tuple[Line, list[tuple[LotRow, int]]]:
        """Into the very lots it came from; in place of an expired one a new lot with grace.

        Lots named in `over` get no grace. What they were given is said with the line, and is to be
        taken out of them by `forfeit` at once.
        """
        parts = [(account.known(lot), amount) for lot, amount in taken]
        total = sum(amount for _lot, amount in parts)
        owed = min(account.row.debt, total)
        entry = self._entry(operation, account, Kind.REVERSE, total - owed, -owed)
        late, lost = 0, []
        for lot, amount in parts:
            paid = min(owed, amount)
            owed, left = owed - paid, amount - paid
            if not left:
                continue
            if lot.id in over:
                lost.append((lot, left))
            elif lot.expires_at <= self.now:
                late += left
                continue
            else:
                account.give_back(lot, left)
            self._moves.append(MoveRow(entry.id, lot.id, left))
        if late:
            self._new_lot(entry, account, late, self.now + GRACE)
        return _line(entry, account.row.unit, Kind.REVERSE), lost

    def forfeit(
        self, account: OpenAccount, parts: list[tuple[LotRow, int]]
    ) -> tuple[OperationRow, Line]:
        """Out again of lots that were over before it was given back to them."""
        total, row = sum(amount for _lot, amount in parts), account.row
        operation = self._expiry(account, f"late:{row.id}:{row.seq}", total, self.now)
        entry = self._entry(operation, account, Kind.EXPIRE, -total, 0)
        self._moves += [MoveRow(entry.id, lot.id, -amount) for lot, amount in parts]
        return operation, _line(entry, row.unit, Kind.EXPIRE)

    def expire(self, account: OpenAccount, lot: LotRow) -> tuple[OperationRow, Line]:
        operation = self._expiry(account, f"exp:{lot.id}", lot.remaining, lot.expires_at)
        change = Change(account.row.unit, -lot.remaining, Kind.EXPIRE)
        return operation, self.take(operation, account, change, [lot])

    def lapse(self, account: OpenAccount) -> tuple[OperationRow, Line] | None:
        """All that is left at the moment from which nothing of it counts. Where nothing is, that is
        on record all the same, for what comes back later."""
        row, account.has_lapsed = account.row, True
        key = f"lapse:{row.id}:{row.lapses_at:%Y-%m-%dT%H:%M:%S.%f}"
        operation = self._expiry(account, key, row.balance, row.lapses_at)
        if not row.balance:
            return None
        return operation, self.take(operation, account, Change(row.unit, -row.balance, Kind.EXPIRE))

    def _expiry(self, account: OpenAccount, key: str, amount: int, at: datetime) -> OperationRow:
        row = account.row
        posting = Posting(row.card_id, Kind.EXPIRE, key, "clock", CLOCK, row.unit, amount)
        return self.begin(posting, at)

    def _new_lot(
        self, entry: EntryRow, account: OpenAccount, amount: int, expires: datetime
    ) -> None:
        lot = LotRow(
            self._numbers.draw(Lot), account.row.id, entry.id, amount, amount, expires_at=expires
        )
        account.add(lot)

    def _entry(
        self,
        operation: OperationRow,
        account: OpenAccount,
        kind: Kind,
        amount: int,
        debt_delta: int,
    ) -> EntryRow:
        row = account.row
        row.balance += amount
        row.debt += debt_delta
        row.seq += 1
        account.is_changed = True
        entry = EntryRow(
            id=self._numbers.draw(Entry),
            operation_id=operation.id,
            account_id=row.id,
            kind=kind.value,
            seq=row.seq,
            amount=amount,
            debt_delta=debt_delta,
            balance_after=row.balance,
        )
        self._entries.append(entry)
        return entry

    # --- news -----------------------------------------------------------------------------

    def tell(
        self, operation: OperationRow, cause: Cause, line: Line, cycle: int, customer_id: int
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

    def tell_expiry(self, operation: OperationRow, line: Line, customer_id: int) -> None:
        self.tell(operation, CLOCK, line, 0, customer_id)
        fact = events.ValueExpired(unit=line.unit, amount=-line.amount)
        self.tell_fact(operation, fact, CLOCK, customer_id)

    def tell_fact(
        self, operation: OperationRow, fact: events.Fact, cause: Cause, customer_id: int
    ) -> None:
        self.events.append(
            events.draft(
                fact,
                key=f"op:{operation.id}:{len(self.events)}",
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
            ["balance", "debt", "seq", "lifetime_in", "lifetime_out", "lapses_at", "next_expiry"],
        )
        events.write(self.events, are_new=True)


def _line(entry: EntryRow, unit: str, kind: Kind) -> Line:
    return Line(unit, kind, entry.amount, entry.balance_after, entry.debt_delta)
