"""The book: accounts locked and loaded once, posted to in memory, written once."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from loyalty import program_memory
from loyalty.causes import Cause
from loyalty.errors import CardExpired, IllegalOperation, InsufficientBalance, NotFound
from loyalty.events import Draft, Fact
from loyalty.ledger import rows
from loyalty.ledger.accounts import OpenAccount, due_lots, next_expiries
from loyalty.ledger.pages import Pages
from loyalty.ledger.replays import find_posted
from loyalty.ledger.rows import AccountRow, LotRow, OperationRow
from loyalty.models import Account, Business, Card, Lot, Plan
from loyalty.models.card import CardStatus
from loyalty.models.operation import MOST, NEVER
from loyalty.postings import Change, Held, Kind, Line, Posted, Posting
from loyalty.wallet import passes

# What a customer or the till does needs a living card; what follows from elsewhere does not.
NEEDS_LIVING_CARD = {Kind.ACCRUE, Kind.REDEEM}


class Book:
    """Cards whose accounts this transaction has locked. Made by `open`, never by hand.

    Every refusal is a `LoyaltyError` and leaves the book as it was, so a caller may go on.
    `fresh_keys` says that the caller's keys commit together with its own state (a journey's moves),
    so that looking each one up is wasted; the unique constraint stays behind it.
    """

    def __init__(self, cards: Iterable[Card], now: datetime, fresh_keys: bool) -> None:
        self.now = now
        self.cards = {card.id: card for card in cards}
        self.fresh_keys = fresh_keys
        self.accounts: dict[tuple[int, str], OpenAccount] = {}
        self.pages = Pages(now, len(self.cards))
        self._posted: dict[str, Posted] = {}
        self._not_posted: set[str] = set()
        self._zone = ""

    # --- reading --------------------------------------------------------------------------

    def card(self, card_id: int) -> Card:
        """The card as it is under the lock; NotFound where this book did not lock it."""
        try:
            return self.cards[card_id]
        except KeyError:
            raise NotFound from None

    def held(self, card_id: int) -> dict[str, Held]:
        card = self.card(card_id)
        return {unit: self._account(card_id, unit).row.held for unit in card.program.units}

    def balance(self, card_id: int, unit: str) -> int:
        """As of now, this book's postings included; 0 for a unit the card does not have."""
        account = self.accounts.get((card_id, unit))
        return account.row.balance if account else 0

    def replay(self, posting: Posting) -> Posted | None:
        """What its key did before, or nothing; KeyReuse where it did something else."""
        if posting.key in self._posted:
            return self._posted[posting.key]
        if self.fresh_keys or posting.key in self._not_posted:
            return None
        if before := find_posted(posting.key, posting.print()):
            return before
        self._not_posted.add(posting.key)
        return None

    # --- posting --------------------------------------------------------------------------

    def post(self, posting: Posting) -> Posted:
        """Do it once: a key that was posted before gives what it gave then, `is_replay` set."""
        if before := self.replay(posting):
            return before
        card = self.card(posting.card_id)
        if posting.kind in NEEDS_LIVING_CARD:
            self._require_living(card)
        card.program.require_legal(posting, card, self.now, self.home)
        changes = card.program.entries(posting, self.held(card.id), card)
        self._require_enough(card.id, posting.kind, changes)
        operation = self.pages.begin(posting, self.now)
        posted = self._begin(operation, posting.comment)
        own = self._lots_of_order(posting) if posting.kind == Kind.REFUND else []
        for change in changes:
            account = self._account(card.id, change.unit)
            line = self.apply(operation, account, change, own)
            posted.lines.append(line)
            self.pages.tell(operation, posting.cause, line, change.cycle, card.customer_id)
        self._posted[posting.key] = posted
        return posted

    def apply(
        self, operation: OperationRow, account: OpenAccount, change: Change, own: list[LotRow]
    ) -> Line:
        if change.amount >= 0:
            ends = self._expiry(operation, change.unit)
            program = self.card(account.row.card_id).program
            if ends is not None and program.lapses(change.unit):
                if change.amount:
                    account.keep_until(ends)
                ends = None
            elif change.amount and change.unit == program.earns:
                account.row.lapses_at = NEVER
            line = self.pages.give(operation, account, change, ends)
        else:
            mine = [lot for lot in own if lot.account_id == account.row.id]
            line = self.pages.take(operation, account, change, mine)
        count_lifetime(account.row, change)
        return line

    def _begin(self, operation: OperationRow, comment: str = "") -> Posted:
        return Posted(
            operation.id, operation.card_id, operation.kind, operation.key, operation.at,
            comment=comment, reverses=operation.reverses_id,
        )  # fmt: skip

    def tell(self, posted: Posted, fact: Fact, cause: Cause) -> None:
        """Tell something more of a posting than the change of a balance."""
        customer_id = self.card(posted.card_id).customer_id
        self.pages.tell_fact(self.pages.operation(posted.id), fact, cause, customer_id)

    def tell_expiry(self, operation: OperationRow, line: Line) -> None:
        self.pages.tell_expiry(operation, line, self.cards[operation.card_id].customer_id)

    def answer(self, posted: Posted, body: dict[str, Any]) -> None:
        """Keep what the API says to this posting, for replays of its key."""
        posted.answer = body
        self.pages.operation(posted.id).answer = body

    # --- rules ----------------------------------------------------------------------------

    def _require_living(self, card: Card) -> None:
        if card.status != CardStatus.ACTIVE:
            raise NotFound
        if card.is_expired(self.now):
            raise CardExpired

    def _require_enough(self, card_id: int, kind: Kind, changes: list[Change]) -> None:
        """Refuse before anything is changed; a refund may leave a debt instead."""
        after: dict[str, int] = {}
        for change in changes:
            row = self._account(card_id, change.unit).row
            balance = after.get(change.unit, row.balance - row.debt) + change.amount
            if balance < 0 and change.amount < 0 and kind != Kind.REFUND:
                raise InsufficientBalance
            if balance > MOST:
                raise IllegalOperation(_("No card holds that much."))
            after[change.unit] = balance

    def _account(self, card_id: int, unit: str) -> OpenAccount:
        try:
            return self.accounts[card_id, unit]
        except KeyError:
            raise IllegalOperation(_("This card does not count %s.") % unit) from None

    def _expiry(self, operation: OperationRow, unit: str) -> datetime | None:
        card = self.cards[operation.card_id]
        return card.program.lot_ends(unit, card, self.now, self.home)

    def home(self) -> str:
        """The business's time zone, asked once."""
        self._zone = self._zone or Business.get().time_zone
        return self._zone

    def _lots_of_order(self, posting: Posting) -> list[LotRow]:
        return rows.lots(
            Lot.objects.filter(
                entry__operation__order=posting.order_id, account__card_id=posting.card_id
            ).order_by("pk")
        )

    # --- life of the book -----------------------------------------------------------------

    def adopt(self, card: Card, accounts: Iterable[AccountRow]) -> None:
        """Take in a card issued in this very transaction: its rows are nobody else's yet."""
        self.cards[card.id] = card
        self._load(accounts)

    def _load(self, accounts: Iterable[AccountRow]) -> None:
        opened = [OpenAccount(row, self.accounts) for row in accounts]
        self.accounts |= {(each.row.card_id, each.row.unit): each for each in opened}
        if due := [each for each in opened if each.row.next_expiry <= self.now]:
            self._settle(due)

    def _settle(self, due: list[OpenAccount]) -> None:
        """Let what is over expire, each lot dated at its own end, before anything is decided."""
        for account, lot in due_lots(due, self.now):
            self.tell_expiry(*self.pages.expire(account, lot))
        self._lapse([each for each in due if each.row.lapses_at <= self.now])
        following = next_expiries(due, self.now)
        for account in due:
            account.row.next_expiry = min(
                following.get(account.row.id, NEVER), account.row.lapses_at
            )
            account.is_changed = True

    def _lapse(self, over: list[OpenAccount]) -> None:
        """What nobody added to for too long goes all at once."""
        for account in over:
            program = self.cards[account.row.card_id].program
            if program.lapses(account.row.unit) and (told := self.pages.lapse(account)):
                self.tell_expiry(*told)
            account.row.lapses_at = NEVER

    def write(self) -> None:
        """Everything at once; called by `open` on a clean exit."""
        self.pages.write(self.accounts.values())
        changed = {each.row.card_id for each in self.accounts.values() if each.is_changed}
        passes.note_change([pk for pk in changed if self.cards[pk].is_installed], now=self.now)

    @property
    def events(self) -> list[Draft]:
        """What its postings will tell, in order."""
        return self.pages.events


@contextmanager
def open(
    *,
    cards: Iterable[int] = (),
    customers: Iterable[int] = (),
    now: datetime,
    fresh_keys: bool = False,
) -> Iterator[Book]:
    """Lock the accounts of those cards, and of all cards of those customers, in one statement.

    A transaction opens one book, before it reads anything else that a decision rests on, and locks
    no more later: that, and ascending ids, is what keeps two of them from a deadlock. On a clean
    exit all that was posted is written; an exception rolls it back.
    """
    with transaction.atomic():
        # Asked of the cards alone: an OR over two tables would read both of them whole.
        wanted = Card.objects.filter(
            Q(pk__among=list(cards))
            | Q(customer_id__among=list(customers), status=CardStatus.ACTIVE)
        )
        # Locks the accounts alone: a row lock does not reach into the subquery.
        theirs = Account.objects.filter(card__in=wanted).order_by("pk")
        accounts = rows.accounts(theirs.select_for_update(no_key=True))
        locked = {row.card_id for row in accounts}
        # Read after the lock: who waited for it must see what the holder did to the card.
        read = Card.objects.filter(pk__among=locked)
        found = list(read.annotate(program_version=F("program__version")))
        versions = {card.program_id: card.program_version for card in found}
        programs = {pk: program_memory.program(pk, version) for pk, version in versions.items()}
        plans = Plan.objects.in_bulk({card.plan_id for card in found if card.plan_id})
        for card in found:
            card.program = programs[card.program_id]
            card.plan = plans.get(card.plan_id) if card.plan_id else None
        book = Book(found, now, fresh_keys)
        book._load(accounts)
        yield book
        book.write()


def post(posting: Posting, *, now: datetime) -> Posted:
    """One posting in a book of its own."""
    with open(cards=[posting.card_id], now=now) as book:
        return book.post(posting)


def count_lifetime(row: AccountRow, change: Change) -> None:
    """Ever earned and ever spent; what is refunded was never earned."""
    if change.kind == Kind.REDEEM:
        row.lifetime_out -= change.amount
    elif change.amount > 0 or change.kind == Kind.REFUND:
        row.lifetime_in = max(0, row.lifetime_in + change.amount)
