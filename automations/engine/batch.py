"""One batch: what its journeys need is loaded for all of them, what they do is written at once."""

import time
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.conf import settings

from automations.engine import breaker, claims, hearing, limits
from automations.engine.inside import Inside
from automations.engine.limits import Limits, Purse
from automations.engine.origins import Origins
from automations.engine.rows import Rows
from automations.journey_row import JourneyRow
from automations.models import Automation, Thread
from automations.place import COUPON, Desk, Place
from loyalty import customers, events, habits, holds, ledger, tiers, totals
from loyalty.facts import Facts
from loyalty.models import Business, Card, Customer, Event
from loyalty.models.card import CardStatus
from messaging.outbox import Outbox

# Seconds, once the batch takes nobody more: a chain of a thousand steps, or a loop, is walked over
# several batches.
LONGEST_WALK = 0.2


# Rows in a handful, and in a batch that shrinks because it took too long.
FEWEST = 25


def handful(rows: int) -> int:
    """How many of them are walked between two looks at the clock: the more at once, the cheaper."""
    return max(FEWEST, rows // 5)


@dataclass
class Batch:
    """Made by `open`, inside the pump's transaction, after the shard is locked."""

    desk: Desk
    customers: dict[int, Customer]
    cards: dict[int, list[Card]]
    business: Business
    origins: Origins
    totals: totals.OfMany
    habits: habits.OfMany
    deleted_cards: set[int]
    inside: Inside
    singly: set[tuple[int, str]]
    limits: Limits
    # The first moment of the business's day.
    today: datetime
    # When (of the machine's clock) whoever still walks is let go on in a later batch.
    patience_ends: float
    rows: Rows
    # The names of events that anybody may hear.
    heard: Container[str]
    # Automations whose steps have failed too often; stopped once the batch is written.
    tripped: set[int]
    # What customers claimed and journeys settle, by its number who gave something for it first, and
    # the journeys that ended with one to settle.
    claims: holds.OfMany
    paying: dict[int, JourneyRow] = field(default_factory=dict)
    settling: list[JourneyRow] = field(default_factory=list)

    def facts(self, event_id: int, card: Card | None, customer: Customer | None) -> Facts:
        event = partial(self.origins.event, event_id)
        return Facts(
            customer=customer,
            card=card,
            cards=self.cards.get(customer.id, []) if customer else [],
            event=event,
            order=lambda: self.origins.order(event()),
            now=self.desk.now,
            zone=self.zone(customer),
            balance=self.desk.book.balance,
            totals=self.totals,
            habits=self.habits,
            tier=self.desk.tiers,
        )

    def place(
        self, journey: JourneyRow, *, seen: Event | None = None, due_at: datetime | None = None
    ) -> Place:
        """Of the event that it began with, or of another one that happens to it."""
        customer = self.customers.get(journey.customer_id or 0)
        card = self.card(journey.card_id)
        facts = self.facts(seen.pk if seen else journey.event_id, card, customer)
        facts.coupon = journey.data.get(COUPON, {})
        return Place(
            journey=journey,
            customer=customer,
            card=card,
            cards=self.cards.get(customer.id, []) if customer else [],
            facts=facts,
            zone=self.zone(customer),
            desk=self.desk,
            due_at=due_at,
        )

    def card(self, card_id: int | None) -> Card | None:
        return self.desk.book.cards.get(card_id or 0)

    def zone(self, customer: Customer | None) -> str:
        return (customer.time_zone if customer else "") or self.business.time_zone

    def write(self) -> None:
        """Each table by its owner; the ledger's are written by its book."""
        self.rows.write(self.desk.now)
        self.limits.write()
        self.tripped.update(breaker.note(self.rows, self.desk.now))
        self.claims.flush()
        customers.flush(list(self.desk.changed_customers.values()), now=self.desk.now)
        self.desk.tiers.flush()
        self.desk.outbox.flush()
        for told in (self.desk.events, self.desk.book.events):
            hearing.mark(told, self.heard, self.desk.now)
        events.write(self.desk.events)


@contextmanager
def open(
    people: Iterable[int | None],
    about: Sequence[Event],
    *,
    began_with: Iterable[int] = (),
    about_cards: Iterable[int | None] = (),
    lock_customers: bool,
    automations: Iterable[Automation] = (),
    threads: Iterable[tuple[int, Thread]] = (),
    inside: Inside | None = None,
    singly: set[tuple[int, str]] | None = None,
    tripped: set[int] | None = None,
    now: datetime,
) -> Iterator[Batch]:
    """Lock what is left of the limits of those automations and threads, those customers (only where
    a step will write one), then their accounts; load what conditions ask about them; write
    everything at the end. `about` are the events that arrive, `began_with` those with which
    whoever may walk began.

    An exception writes nothing; the caller's savepoint gives the locks back.
    """
    business = Business.get()
    today = limits.today(now, business.time_zone)
    left = limits.lock(limits.of(automations, threads, today))
    rows = Rows()
    origins = Origins(about, began_with)
    ids = sorted({pk for pk in people if pk})
    found = Customer.objects.filter(pk__among=ids).order_by("pk")
    locked = list(found.select_for_update(no_key=True)) if lock_customers else None
    with ledger.open(customers=ids, now=now, fresh_keys=True) as book:
        # Those that are not locked are read after their accounts are: whoever was erased while we
        # waited for these is nobody any more.
        customers_now = list(found) if locked is None else locked
        batch = Batch(
            desk=Desk(
                now=now,
                book=book,
                outbox=Outbox(),
                purse=Purse(left, rows.hit),
                tiers=tiers.OfMany(ids, now),
                event=origins.event,
            ),
            customers={row.pk: row for row in customers_now if row.erased_at is None},
            cards=_by_customer(book.cards.values()),
            business=business,
            origins=origins,
            totals=totals.OfMany(ids),
            habits=habits.OfMany(ids),
            deleted_cards=_deleted({pk for pk in about_cards if pk} - book.cards.keys()),
            inside=inside or Inside(()),
            singly=singly or set(),
            limits=left,
            today=today,
            rows=rows,
            heard=hearing.heard(),
            tripped=set() if tripped is None else tripped,
            claims=holds.OfMany(book),
            patience_ends=time.monotonic() + settings.BATCH_SECONDS + LONGEST_WALK,
        )
        yield batch
        claims.settle(batch)
        batch.write()


def _by_customer(cards: Iterable[Card]) -> dict[int, list[Card]]:
    """Each customer's active cards, newest first."""
    found: dict[int, list[Card]] = {}
    for card in sorted(cards, key=lambda card: (card.issued_at, card.id), reverse=True):
        found.setdefault(card.customer_id, []).append(card)
    return found


def _deleted(cards: set[int]) -> set[int]:
    """Those of the cards that no book could lock because they are gone, not merely blocked."""
    gone = Card.objects.filter(pk__in=cards, status=CardStatus.DELETED)
    return set(gone.values_list("pk", flat=True)) if cards else set()
