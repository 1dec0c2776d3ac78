"""Claims that automations settle: taken over when a journey begins, settled when it ends."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import bulk, ledger
from loyalty.causes import Cause
from loyalty.errors import NotFound
from loyalty.holds.settling import SETTLED, captured, posting_of, void_in, voided
from loyalty.ledger import Book, Kind
from loyalty.models.card import CardStatus
from loyalty.models.hold import Hold, HoldQuerySet, HoldState


class OfMany:
    """Those of a batch whose book has locked their cards, changed in memory and written by `flush`.

    A `handler` is what settles them: `journey:12`. It names the effects, which are done once.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._rows: dict[int, Hold] = {}
        self._changed: dict[int, Hold] = {}

    def load(self, numbers: Iterable[int]) -> None:
        """In one statement, if there are any."""
        if new := set(numbers) - self._rows.keys():
            found = Hold.objects.filter(pk__among=new).select_related("operation", "reward")
            self._rows |= {hold.pk: hold for hold in found}

    def refusal(self, number: int) -> str:
        """Why an automation cannot take it over, in words for the shop owner; empty where it can.
        It has been loaded."""
        hold = self._rows.get(number)
        card = self._book.cards.get(hold.card_id) if hold else None
        if hold is None or card is None or card.status != CardStatus.ACTIVE:
            return _("The card is gone.")
        if hold.state != HoldState.OPEN or hold.is_over(self._book.now):
            return _("What was claimed was settled or given back before.")
        if hold.handler:
            return _("Another automation settles this claim.")
        if card.program.becomes is not None:
            return _("This is handed over by staff: the card turns into another one.")
        return ""

    def take_over(self, number: int, handler: str) -> None:
        """From now on neither the customer gives it back nor staff need to hand it over."""
        hold = self._changed[number] = self._rows[number]
        hold.handler = handler

    def find(self, number: int) -> Hold | None:
        """As it is now, if it was loaded and is there."""
        return self._rows.get(number)

    def capture(self, number: int, *, handler: str, cause: Cause) -> Hold:
        """It is spent for good. Raises what `capture_in` raises."""
        hold = self._row(number)
        posting = posting_of(hold, Kind.CAPTURE, f"{handler}:claim", handler, cause)
        captured(self._book, hold, posting)
        hold.card = self._book.card(hold.card_id)
        self._changed[number] = hold
        return hold

    def void(self, number: int, *, handler: str, cause: Cause) -> Hold:
        """It goes back. Raises AlreadyRedeemed, AlreadyReversed, NotFound."""
        hold = self._row(number)
        posting = posting_of(hold, Kind.REVERSE, f"{handler}:claim", handler, cause)
        voided(self._book, hold, posting)
        self._changed[number] = hold
        return hold

    def flush(self) -> None:
        bulk.update(Hold, list(self._changed.values()), ("handler", *SETTLED))
        self._changed = {}

    def _row(self, number: int) -> Hold:
        if number not in self._rows:
            raise NotFound
        return self._rows[number]


def give_back_of(handlers: Collection[str], *, now: datetime) -> int:
    """They have ended without settling theirs: it goes back; says how many. May be repeated."""
    found = list(_open_of(handlers))
    with ledger.open(cards={hold.card_id for hold in found}, now=now) as book:
        still = set(_open_of(handlers).values_list("pk", flat=True))
        for hold in found:
            if hold.pk in still:
                key, cause = f"{hold.handler}:claim", Cause(hold.handler)
                void_in(book, hold, posting_of(hold, Kind.REVERSE, key, hold.handler, cause))
    return len(found)


def let_go(handlers: Collection[str]) -> None:
    """They have ended without settling theirs, which wait for staff again; the caller has locked
    the accounts. May be repeated."""
    _open_of(handlers).update(handler="")


def _open_of(handlers: Collection[str]) -> HoldQuerySet:
    return Hold.objects.open().filter(handler__in=handlers).order_by("pk")
