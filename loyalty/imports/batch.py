"""What some lines of a file do to the house, all of it in the transaction of whoever calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import events, issuing, ledger, tiers, zones
from loyalty.causes import Cause
from loyalty.customers import Crowd
from loyalty.errors import AmountRequired, Invalid, LoyaltyError
from loyalty.events import Draft
from loyalty.imports.lines import LONGEST_PROBLEM, Line, Refused
from loyalty.issuing import Begun, Wanted
from loyalty.models import Card, Customer, Import, Operation, Program, Tier
from loyalty.models.card import CardStatus
from loyalty.models.importing import Balances, Existing
from loyalty.postings import Kind, Posting


@dataclass(slots=True)
class Outcome:
    """Of some lines: how many of each, and what could not be taken."""

    made: int = 0
    changed: int = 0
    known: int = 0
    cards_issued: int = 0
    balances_given: int = 0
    problems: list[Refused] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        for name in ("made", "changed", "known", "cards_issued", "balances_given"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems


@dataclass(slots=True, eq=False)
class Seat:
    """A line, whom it is about, and the card it is about: one that is there, or a new one."""

    line: Line
    customer: Customer
    card: Card | None = None
    is_new: bool = False

    @property
    def program(self) -> Program:
        assert self.line.program is not None  # noqa: S101 (whoever asks has looked)
        return self.line.program


class Batch:
    """Lines of one import, done together. Raises IntegrityError where somebody else made the same
    customer or card meanwhile: the caller does all of it again."""

    def __init__(self, source: Import, lines: Sequence[Line], *, zone: str, now: datetime) -> None:
        self.source, self.zone, self.now = source, zone, now
        self.cause = Cause(f"import:{source.pk}")
        self.lines = lines
        self.outcome = Outcome()
        self.crowd = Crowd(
            [line.details for line in lines],
            existing=source.existing,
            source=source.proof,
            cause=self.cause,
            now=now,
        )
        self.begun: list[Begun] = []
        self._held: dict[tuple[int, int], Card] = {}
        self._numbers: dict[str, Card] = {}
        self._ours: set[int] = set()
        self._new: dict[tuple[int, int], Begun] = {}
        self._new_numbers: set[str] = set()

    def do(self) -> Outcome:
        seats = list(self._seated())
        told = self.crowd.write()
        told += self._put_on_tiers(seats)
        with_card = [seat for seat in seats if seat.line.program is not None]
        self._look_up(with_card)
        with_card = [seat for seat in with_card if self._finds_card(seat)]
        told += self._give(with_card)
        for each in told:
            each.entered_at = self.now  # of an import nobody hears but who listens to its name
        events.write(told, are_new=True)
        if self.source.trigger:
            events.write(self._named({seat.customer.pk for seat in seats}))
        self.outcome.made = len(self.crowd.new)
        self.outcome.changed = len(self.crowd.changed)
        met = {seat.customer.pk for seat in seats}
        self.outcome.known = len(met) - self.outcome.made - self.outcome.changed
        self.outcome.cards_issued = len(self.begun)
        return self.outcome

    # --- Customers ------------------------------------------------------------------------

    def _seated(self) -> Iterable[Seat]:
        for line in self.lines:
            try:
                yield Seat(line, self.crowd.meet(line.details))
            except LoyaltyError as refused:
                self._refuse(line, refused)

    def _named(self, customers: Iterable[int]) -> list[Draft]:
        """The event that the import was told to tell, once for each of them."""
        return [
            Draft(
                name=self.source.trigger,
                key=f"import:{self.source.pk}:customer:{pk}",
                shard=events.shard_of(f"customer:{pk}"),
                customer_id=pk,
                card_id=None,
                data={"import": self.source.pk, "file": self.source.name},
                cause=self.cause.text,
                depth=self.cause.depth,
                occurred_at=self.now,
                created_at=self.now,
            )
            for pk in sorted(customers)
        ]

    def _put_on_tiers(self, seats: Sequence[Seat]) -> list[Draft]:
        """Those who are here already as `existing` says; an empty cell takes no tier away."""
        wanted = [seat for seat in seats if seat.line.tier is not None]
        if not wanted:
            return []
        told: list[Draft] = []
        standing = tiers.OfMany([seat.customer.pk for seat in wanted], self.now)
        for seat in wanted:
            if not self._may_be_put(seat, standing(seat.customer.pk)):
                continue
            assert seat.line.tier is not None  # noqa: S101 (it is wanted)
            day = seat.line.tier_until
            until = zones.day_after(day, self.zone) if day else None
            if until is not None and until <= self.now:
                self._refuse(seat.line, Invalid(message=_("The last day on that tier is over.")))
                continue
            pk, tier = seat.customer.pk, seat.line.tier
            told += standing.put(pk, tier, until, cause=self.cause)
        standing.flush()
        return told

    def _may_be_put(self, seat: Seat, tier: Tier | None) -> bool:
        if self.crowd.is_new(seat.customer) or self.source.existing == Existing.REPLACE:
            return True
        return self.source.existing == Existing.FILL and tier is None

    # --- Cards ----------------------------------------------------------------------------

    def _look_up(self, seats: Sequence[Seat]) -> None:
        """The cards that those who are here hold, and those that have the numbers asked for."""
        old = {seat.customer.pk for seat in seats if not self.crowd.is_new(seat.customer)}
        held = Card.objects.filter(customer_id__among=old, status=CardStatus.ACTIVE)
        programs = {seat.program.pk: seat.program for seat in seats}
        for card in held.filter(program__in=programs).order_by("pk"):
            card.program = programs[card.program_id]
            self._held[card.customer_id, card.program_id] = card
        numbers = [seat.line.card_number for seat in seats if seat.line.card_number]
        for card in Card.objects.filter(number__in=numbers) if numbers else ():
            self._numbers[card.number] = card
            card.program = programs.get(card.program_id, card.program)
        found = {card.pk for card in (*self._held.values(), *self._numbers.values())}
        issued = Operation.objects.filter(
            card_id__among=found, kind=Kind.ISSUE, key__startswith=f"import:{self.source.pk}:"
        )
        self._ours = set(issued.values_list("card_id", flat=True))

    def _finds_card(self, seat: Seat) -> bool:
        """Say which card a line means; False, and a problem, where it means none."""
        try:
            seat.card = self._card(seat)
        except LoyaltyError as refused:
            self._refuse(seat.line, refused)
            return False
        return True

    def _card(self, seat: Seat) -> Card:
        number, whose = seat.line.card_number, (seat.customer.pk, seat.program.pk)
        if number in self._new_numbers:
            raise Invalid(message=_("A line before has this card number."))
        if found := self._numbers.get(number):
            if (found.customer_id, found.program_id) != whose or found.status != CardStatus.ACTIVE:
                raise Invalid(message=_("Another card has this number."))
            return found
        if number and not seat.program.is_one_per_customer:
            return self._issued(seat)
        if whose in self._new or (whose in self._held and self._held[whose].pk in self._ours):
            self._require_nothing_more(seat)
        if whose in self._new:
            return self._new[whose].card
        return self._held.get(whose) or self._issued(seat)

    def _require_nothing_more(self, seat: Seat) -> None:
        if seat.line.amounts or seat.line.opening or seat.line.spent_cents:
            said = _("A line before has the same customer's card. Several need a number each.")
            raise Invalid(message=said)

    def _issued(self, seat: Seat) -> Card:
        line = seat.line
        ends = zones.day_after(line.expires_on, self.zone) if line.expires_on else None
        if ends is not None and ends <= self.now:
            raise Invalid(message=_("The card has expired."))
        if not seat.program.is_active:
            raise Invalid(message=_("This program is not active."))
        wanted = Wanted(
            seat.program,
            seat.customer,
            key=f"import:{self.source.pk}:line:{line.number}:issue",
            opening=line.opening,
            number=line.card_number,
            expires_at=ends,
            plan=line.plan,
        )
        try:
            begun = issuing.begin(wanted, now=self.now, zone=self.zone)
        except AmountRequired:
            raise Invalid(message=_("How much is on the card? Its cell is empty.")) from None
        self.begun.append(begun)
        self._new[seat.customer.pk, seat.program.pk] = begun
        if line.card_number:
            self._new_numbers.add(line.card_number)
        seat.is_new = True
        return begun.card

    # --- Balances -------------------------------------------------------------------------

    def _give(self, seats: Sequence[Seat]) -> list[Draft]:
        given = [seat for seat in seats if seat.is_new or self.source.balances == Balances.ADD]
        old = [seat.card.pk for seat in given if seat.card is not None and not seat.is_new]
        with ledger.open(cards=old, now=self.now, fresh_keys=True) as book:
            told = issuing.issue_each(
                self.begun, book, actor=self.cause.text, cause=self.cause, now=self.now
            )
            wanted = [(seat, posting) for seat in given for posting in self._postings(seat)]
            keys = [posting.key for _seat, posting in wanted]
            there = set(Operation.objects.filter(key__in=keys).values_list("key", flat=True))
            for seat, posting in wanted:
                if posting.key not in there:
                    self._post(book, seat, posting)
                elif seat.is_new:  # its card was deleted since, and here is another one
                    again = posting._replace(key=f"{posting.key}:card:{posting.card_id}")
                    self._post(book, seat, again)
            for each in book.events:
                each.entered_at = self.now
        return told

    def _postings(self, seat: Seat) -> Iterable[Posting]:
        """An opening for each unit. The same file gives it once, however often it is sent."""
        line, program = seat.line, seat.program
        amounts = dict(line.amounts)
        if line.opening and not seat.is_new:
            amounts[program.earns] = line.opening
        if line.spent_cents:
            amounts.setdefault(program.earns, 0)
        stem = f"import:{self.source.digest[:24]}:{program.slug}:line:{line.number}"
        for unit, amount in amounts.items():
            spent = line.spent_cents if unit == program.earns else 0
            if seat.card is not None and (amount or spent):
                yield Posting(
                    card_id=seat.card.pk,
                    kind=Kind.ACCRUE,
                    key=f"{stem}:{unit}",
                    actor=self.cause.text,
                    cause=self.cause,
                    unit=unit,
                    amount=amount,
                    spent_cents=spent,
                )

    def _post(self, book: ledger.Book, seat: Seat, posting: Posting) -> None:
        try:
            book.post(posting)
        except LoyaltyError as refused:
            self._refuse(seat.line, refused)
        else:
            self.outcome.balances_given += 1

    def _refuse(self, line: Line, refused: LoyaltyError) -> None:
        texts = [text for each in getattr(refused, "fields", {}).values() for text in each]
        text = " ".join(texts) or refused.message
        if not any(each.number == line.number for each in self.outcome.problems):
            self.outcome.problems.append(Refused(line.number, text[:LONGEST_PROBLEM]))
