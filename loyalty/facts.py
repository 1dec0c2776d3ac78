"""What is known of a customer at one moment, read by field name from rows that are in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any

from loyalty import habits, totals, zones
from loyalty.fields import EVERYTHING, WEEKDAYS, Field
from loyalty.models import Card, Customer, Event, Order, Tier
from loyalty.models.card import CardStatus
from loyalty.totals import Totals


def _no_balance(card_id: int, unit: str) -> int:
    return 0


def _no_tier(customer_id: int) -> Tier | None:
    return None


@dataclass
class Facts:
    """Asks the database nothing: whoever makes it has loaded what it needs, or hands in what loads
    it for many at the first question (`event`, `order`; `totals` and `tier`, called with the
    customer's id; `habits`, with the field's name and `now` as well).

    `card` is the card the journey is about, `cards` all cards of the customer, each with its
    program loaded. `balance` answers what a card holds of a unit at this moment, so an earlier
    step's doing is seen. `coupon` is the code that a step before gave. `zone` is the name of the
    customer's time zone.
    """

    customer: Customer | None
    now: datetime
    zone: str = "UTC"
    card: Card | None = None
    cards: Sequence[Card] = ()
    event: Event | Callable[[], Event] | None = None
    order: Order | Callable[[], Order | None] | None = None
    balance: Callable[[int, str], int] = _no_balance
    coupon: Mapping[str, Any] = field(default_factory=dict)
    totals: Totals | Callable[[int], Totals] = field(default=totals.NOTHING)
    habits: Callable[[int, str, datetime], Any] = habits.nothing
    tier: Callable[[int], Tier | None] = _no_tier

    def value(self, name: str) -> Any:
        """The field's value in Python's types; None for nothing, and for a name nobody knows.

        Money is in minor units, moments are in UTC, `now.*` is on the customer's clock.
        """
        found = _known(name)
        return self.read(found) if found else None

    def read(self, asked: Field) -> Any:
        """The same for a field that was found before, by its own type."""
        return asked.type.read(self._raw(asked))

    def said(self, name: str) -> Any:
        """The value as a message says it and JSON can keep it: moments on the customer's clock."""
        value = self.value(name)
        if isinstance(value, datetime):
            return value.astimezone(zones.zone(self.zone)).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    @cached_property
    def by_slug(self) -> Mapping[str, Card]:
        """The customer's newest active card of each program."""
        active = [card for card in self.cards if card.status == CardStatus.ACTIVE]
        ordered = sorted(active, key=lambda card: (card.issued_at, card.pk or 0))
        return {card.program.slug: card for card in ordered}

    def _raw(self, asked: Field) -> Any:
        subject, _dot, rest = asked.name.partition(".")
        match subject:
            case "customer":
                return self._of_customer(asked, rest)
            case "card":
                return self._of_card(self.card, asked)
            case "cards":
                return self._of_card(self.by_slug.get(rest.partition(".")[0]), asked)
            case "event":
                return self._of_event(rest)
            case "order":
                return self._of_order(asked, rest)
            case "coupon":
                return self.coupon.get(rest)
        return self._of_now(rest)

    def _of_customer(self, asked: Field, rest: str) -> Any:
        if self.customer is None:
            return None
        group, _dot, name = rest.partition(".")
        match group:
            case "attributes":
                return self.customer.attributes.get(name)
            case "consent":
                return self.customer.consents_to(name)
            case "orders_count" | "total_spent":
                known = self.totals
                found = known if isinstance(known, Totals) else known(self.customer.pk)
                return getattr(found, group)
            case "tier" | "tier_name":
                return getattr(self.tier(self.customer.pk), asked.column, None)
            case name if name in habits.NAMES:
                return self.habits(self.customer.pk, name, self.now)
            case "points":
                return sum(
                    self.balance(card.pk, "points")
                    for card in self.cards
                    if card.status == CardStatus.ACTIVE and "points" in _units(card)
                )
        return getattr(self.customer, asked.column)

    def _of_card(self, card: Card | None, asked: Field) -> Any:
        if card is None:
            return None
        if asked.unit:
            return self.balance(card.pk, asked.unit) if asked.unit in _units(card) else None
        return card.state(self.now) if asked.column == "status" else getattr(card, asked.column)

    def _of_event(self, path: str) -> Any:
        """`event.key` and `event.data.key` are the same; a dot goes into an object or a list."""
        event = self.event() if callable(self.event) else self.event
        if event is None:
            return None
        keys = path.split(".")
        if keys[0] == "data" and "data" not in event.data:
            keys = keys[1:]
        found: Any = event.data
        for key in keys:
            found = _inside(found, key)
        return found

    def _of_order(self, asked: Field, rest: str) -> Any:
        order = self.order() if callable(self.order) else self.order
        if order is None:
            return None
        match rest:
            case "total_line_items":
                return len(order.lines)
            case "total_quantity":
                return sum(_quantity(line) for line in order.lines)
        return getattr(order, asked.column)

    def _of_now(self, rest: str) -> Any:
        here = self.now.astimezone(zones.zone(self.zone))
        match rest:
            case "weekday":
                return list(WEEKDAYS)[here.weekday()]
            case "time":
                return here.time().replace(second=0, microsecond=0)
        return here.date()


def _units(card: Card) -> Collection[str]:
    """Loud where the program was loaded by `select_related`, which gives it no type: then every
    balance would silently be nothing. `prefetch_related` and `in_bulk` know its type."""
    if not card.program.type:
        raise TypeError("The program of a card was loaded without its type.")
    return card.program.units


@lru_cache(maxsize=1024)
def _known(name: str) -> Field | None:
    return EVERYTHING.find(name)


def _inside(found: Any, key: str) -> Any:
    if isinstance(found, Mapping):
        return found.get(key)
    if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
        return found[int(key)]
    return None


def _quantity(line: Any) -> int:
    """A line that does not say how many is one."""
    quantity = line.get("quantity", 1) if isinstance(line, Mapping) else 1
    return quantity if isinstance(quantity, int) else 1
