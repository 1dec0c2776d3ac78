"""What the customers of Café Aurora did before you came: through the verbs, with a past `now`.

Each customer is one transaction, in which the events of their past are marked as entered: nothing
of it starts a journey, whatever is Working already.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db import transaction
from django.db.models import QuerySet

from config.demo.people import Person
from loyalty import cards, counter, customers, events, orders, reviews
from loyalty.causes import Cause
from loyalty.counter import By, Request, Wish
from loyalty.customers import Who
from loyalty.models import Account, Card, Customer, Event, Location, Operation, Program
from loyalty.orders import OrderData

OLDEST = 170  # days
MOST_VISITS = 8
DRINKS = (425, 475, 550, 690, 840, 1_250, 1_475)  # paid at the counter, in cents
BASKETS = (3_900, 5_250, 2_800, 7_400)  # in the web shop
GOODS = ("Espresso cups", "House blend 500 g", "Moka pot", "Gift box")
IMPORT = Cause("import")
SAID = {
    4: (5, "The best flat white in town, and they remember my name."),
    9: (4, "Lovely cakes. A little crowded on Saturdays."),
    15: (2, "My coffee was cold, and nobody noticed for a while."),
    22: (5, ""),
    31: (3, "Good, but dearer than last year."),
}


def live(person: Person, now: datetime) -> None:
    """Join and come back, once: who was here is left alone, also if erased since."""
    if issued(person).exists():
        return
    with transaction.atomic():
        since = now - timedelta(days=_days_ago(person))
        customer, _made = customers.join(person.details, cause=IMPORT, now=since)
        for slug in person.programs:
            program = Program.objects.get(slug=slug)
            cards.issue(program, customer, cause=IMPORT, now=since, key=_key(person, slug))
        if not person.is_new:
            Past(person, customer).happen(since, now)
            say(person, customer, now)
        told = Event.objects.filter(customer=customer, entered_at=None)
        events.mark_entered(list(told.values_list("pk", flat=True)), now)


def say(person: Person, customer: Customer, now: datetime) -> None:
    """Some have said what they think of us."""
    found = SAID.get(person.number)
    if found is not None:
        rating, text = found
        at = now - timedelta(days=person.number % 17, hours=person.number % 9)
        reviews.leave(
            customer, rating, text, key=_key(person, "review"), cause=Cause("customer"), now=at
        )


def issued(person: Person) -> QuerySet[Operation]:
    """The operations that gave this person their cards; they stay when a person is erased."""
    keys = [_key(person, slug) for slug in person.programs]
    return Operation.objects.filter(key__in=keys).order_by("pk")


def _key(person: Person, what: str) -> str:
    return f"demo:{person.number:02}:{what}"


def _days_ago(person: Person) -> int:
    return 1 if person.is_new else OLDEST - person.number * 37 % (OLDEST - 20)


@dataclass
class Past:
    """One person's habits: how often they come, what they take, and where."""

    person: Person
    customer: Customer
    done: int = field(default=0, init=False)

    @cached_property
    def cards(self) -> dict[str, Card]:
        held = self.customer.cards.select_related("program")
        return {card.program.slug: card for card in held}

    @cached_property
    def locations(self) -> list[int]:
        return list(Location.objects.order_by("slug").values_list("pk", flat=True)) or [0]

    def happen(self, since: datetime, now: datetime) -> None:
        for visit, at in enumerate(self.visits(since, now)):
            by = By("import", Cause("scan"), self.locations[(visit // 3) % len(self.locations)])
            if "coffee" in self.cards:
                self.have_coffee(visit, by, at)
            if "aurora" in self.cards:
                self.pay(visit, by, at)
            if visit in {1, 4} and self.person.number % 4 == 1 and "aurora" in self.cards:
                self.order_online(visit, at + timedelta(hours=3))

    def visits(self, since: datetime, now: datetime) -> Iterator[datetime]:
        """Every few days at some hour between seven and six, not always the same."""
        n = self.person.number
        rhythm = 2 + n * 5 % 9
        for visit in range(MOST_VISITS):
            day = since + timedelta(days=visit * rhythm + visit * n % 3)
            at = day.replace(hour=12 + (n * 3 + visit * 5) % 11, minute=(n * 13 + visit * 29) % 60)
            if at < now - timedelta(hours=1):
                yield at

    def have_coffee(self, visit: int, by: By, at: datetime) -> None:
        serial = self.cards["coffee"].serial
        counter.scan(serial, by=by, request=self.request(), now=at)
        if self.holds("coffee", "rewards"):
            counter.redeem(serial, Wish(), by=by, request=self.request(), now=at)
        else:
            cups = 1 + (self.person.number + visit) % 3
            counter.accrue(serial, Wish(amount=cups), by=by, request=self.request(), now=at)

    def pay(self, visit: int, by: By, at: datetime) -> None:
        card, at = self.cards["aurora"], at + timedelta(minutes=1)
        paid = DRINKS[(self.person.number * 3 + visit * 2) % len(DRINKS)]
        counter.accrue(
            card.serial, Wish(purchase_cents=paid), by=by, request=self.request(), now=at
        )
        cheapest = card.program.rewards.order_by("price").first()
        if cheapest and self.person.number % 5 and self.holds("aurora", "points") >= cheapest.price:
            wish, at = Wish(reward_id=cheapest.pk), at + timedelta(minutes=4)
            counter.redeem(card.serial, wish, by=by, request=self.request(), now=at)

    def order_online(self, visit: int, at: datetime) -> None:
        which = (self.person.number + visit) % len(BASKETS)
        total = BASKETS[which]
        orders.record(
            OrderData(
                key=f"shopify:{48_000 + self.person.number * 10 + visit}",
                platform="shopify",
                status="completed",
                customer=Who(id=self.customer.pk),
                placed_at=at,
                currency="USD",
                subtotal_cents=total,
                total_cents=total,
                lines=[{"title": GOODS[which], "quantity": 1, "price_cents": total}],
            ),
            cause=Cause("webhook"),
            now=at,
        )

    def holds(self, program: str, unit: str) -> int:
        account = Account.objects.filter(card=self.cards[program], unit=unit).first()
        return account.balance if account else 0

    def key(self, what: str) -> str:
        self.done += 1
        return _key(self.person, f"{what}:{self.done}")

    def request(self) -> Request:
        return Request(self.key("visit"), "demo")
