"""A journey standing at a step, and all that the step may see and do there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from automations.journey_row import JourneyRow
from loyalty import attributes, customers, tiers
from loyalty.causes import Cause
from loyalty.errors import LoyaltyError
from loyalty.events import Draft
from loyalty.facts import Facts
from loyalty.ledger import Book, Kind, Posted, Posting
from loyalty.models import Attribute, Card, Customer, Event, Reward, Tier
from loyalty.redeeming import redeem as redeem_from
from messaging.outbox import Outbox

# Where a journey keeps the code that it was given last.
COUPON = "coupon"
# … and at which move of which journey a code was given to somebody else, by who that is: branches
# say what was given before them.
GIVEN = "coupons_given"

# What an automation may have a budget of.
POINTS, MESSAGES = "points", "messages"


class Purse(Protocol):
    """What an automation may still give and say today."""

    def refusal(self, journey: JourneyRow, kind: str, amount: int) -> str:
        """Why so much more may not be; empty where it may."""

    def use(self, journey: JourneyRow, kind: str, amount: int) -> None:
        """So much was given or said."""


class BudgetSpent(LoyaltyError):
    """The automation may give no more today."""


@dataclass(slots=True)
class Desk:
    """What the journeys of one batch share; everything on it is written when the batch ends."""

    now: datetime
    book: Book
    outbox: Outbox
    purse: Purse
    tiers: tiers.OfMany
    event: Callable[[int], Event]
    events: list[Draft] = field(default_factory=list)
    changed_customers: dict[int, Customer] = field(default_factory=dict)
    rewards: dict[int, Reward | None] = field(default_factory=dict)
    attributes: dict[str, Attribute | None] = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """Everything is in memory: a step asks and acts here, and later steps see what it did."""

    journey: JourneyRow
    customer: Customer | None
    card: Card | None
    cards: list[Card]
    facts: Facts
    zone: str
    desk: Desk
    due_at: datetime | None = None

    @property
    def late(self) -> timedelta:
        """How long after its due moment this journey is woken; nothing for one that just came."""
        return max(self.now - self.due_at, timedelta(0)) if self.due_at else timedelta(0)

    def returns(self, step_key: str) -> int:
        """How often this journey has jumped to that step."""
        return int(self.journey.data.get("returns", {}).get(step_key, 0))

    @property
    def now(self) -> datetime:
        return self.desk.now

    @property
    def event(self) -> Event:
        """With which the journey began."""
        return self.desk.event(self.journey.event_id)

    @property
    def book(self) -> Book:
        return self.desk.book

    @property
    def key(self) -> str:
        """Names the effect of this very step run, once for ever."""
        return f"journey:{self.journey.id}:{self.journey.moves}"

    @property
    def cause(self) -> Cause:
        return Cause(f"journey:{self.journey.id}", self.journey.depth)

    def card_of(self, program_id: int | None) -> Card | None:
        """The customer's newest card of that program; without one chosen, the journey's card."""
        if program_id is None:
            return self.card
        return next((card for card in self.cards if card.program_id == program_id), None)

    def accrue(self, card: Card, unit: str, amount: int) -> Posted:
        """Give; raises the ledger's refusals, and BudgetSpent."""
        journey, purse = self.journey, self.desk.purse
        if unit == POINTS and (refused := purse.refusal(journey, POINTS, amount)):
            raise BudgetSpent(refused)
        posted = self.book.post(self._posting(card, Kind.ACCRUE, unit, amount))
        if unit == POINTS:
            purse.use(journey, POINTS, amount)
        return posted

    def redeem(self, card: Card, unit: str, amount: int, reward: Reward | None = None) -> Posted:
        """Take, for a reward of the program where one is named; raises the ledger's refusals."""
        return redeem_from(self.book, self._posting(card, Kind.REDEEM, unit, amount), reward)

    def reward(self, reward_id: int | None) -> Reward | None:
        """The reward as it is offered now; none where it is not."""
        if reward_id is None:
            return None
        rewards = self.desk.rewards
        if reward_id not in rewards:
            rewards[reward_id] = Reward.objects.filter(pk=reward_id, is_active=True).first()
        return rewards[reward_id]

    def _posting(self, card: Card, kind: Kind, unit: str, amount: int) -> Posting:
        return Posting(
            card_id=card.id,
            kind=kind,
            unit=unit,
            amount=amount,
            key=self.key,
            actor=f"journey:{self.journey.id}",
            cause=self.cause,
        )

    def say(
        self, template_id: int, names: dict[str, Any], sender_id: int | None, channel: str
    ) -> None:
        """Queue a message to the customer; whether it may be sent is asked when it is sent. Raises
        BudgetSpent."""
        if self.customer is not None:
            if refused := self.desk.purse.refusal(self.journey, MESSAGES, 1):
                raise BudgetSpent(refused)
            self.desk.purse.use(self.journey, MESSAGES, 1)
            self.desk.outbox.say(
                key=self.key,
                customer_id=self.customer.id,
                template_id=template_id,
                names=names,
                sender_id=sender_id,
                cause=f"journey:{self.journey.id}",
                now=self.now,
                channel=channel,
            )

    def keep_coupon(self, values: dict[str, Any]) -> None:
        """Later steps may say the code that was given here."""
        self.journey.data = {**self.journey.data, COUPON: values}
        self.facts.coupon = values

    def tag(self, tag: str) -> bool:
        """Give the customer a tag; says whether it is new to them."""
        if self.customer is None:
            return False
        told = customers.tagged(self.customer, tag, cause=self.cause, now=self.now, key=self.key)
        return self._changed(self.customer, told)

    def untag(self, tag: str) -> bool:
        """Take a tag from the customer; says whether they had it."""
        if self.customer is None:
            return False
        told = customers.untagged(self.customer, tag, cause=self.cause, now=self.now, key=self.key)
        return self._changed(self.customer, told)

    def set_attribute(self, name: str, written: str) -> bool:
        """Give an attribute a value, read by its type; says whether that is news. Raises Unfit."""
        if self.customer is None:
            return False
        known = self.desk.attributes
        if name not in known:
            known[name] = attributes.defined(name).get(name)
        value = attributes.from_text(known[name], written) if written else None
        told = customers.attributed(
            self.customer, name, value, cause=self.cause, now=self.now, key=self.key
        )
        return self._changed(self.customer, told)

    def _changed(self, customer: Customer, told: list[Draft]) -> bool:
        if told:
            self.desk.events += told
            self.desk.changed_customers[customer.id] = customer
        return bool(told)

    def put_on(self, tier: Tier, until: datetime | None) -> bool:
        """Put the customer on a tier, and keep them there until then; says whether it is another
        than they had."""
        if self.customer is None:
            return False
        told = self.desk.tiers.put(self.customer.id, tier, until, cause=self.cause)
        self.desk.events += told
        return bool(told)
