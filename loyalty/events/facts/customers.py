"""What happened to a customer."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class CustomerCreated(Fact):
    name = "customer_created"


@dataclass(frozen=True)
class CustomerUpdated(Fact):
    """`fields` are the names of the contact data that changed."""

    name = "customer_updated"

    fields: tuple[str, ...]


@dataclass(frozen=True)
class CustomerDeleted(Fact):
    name = "customer_deleted"


@dataclass(frozen=True)
class CustomerMerged(Fact):
    """Another customer went into this one; `gone` is the id they had."""

    name = "customer_merged"

    gone: int


@dataclass(frozen=True)
class ConsentChanged(Fact):
    name = "consent_changed"
    is_personal = True

    channel: str
    given: bool
    source: str


@dataclass(frozen=True)
class TagAdded(Fact):
    name = "tag_added"
    is_personal = True

    tag: str


@dataclass(frozen=True)
class TagRemoved(Fact):
    name = "tag_removed"
    is_personal = True

    tag: str


@dataclass(frozen=True)
class Shared(Fact):
    """They shared the link of a card; `program` is its program's slug. Once a day for each card."""

    name = "shared"

    program: str


@dataclass(frozen=True)
class ReferralSucceeded(Fact):
    """They brought somebody who counts; `referral` is its number. `program` is the slug of theirs;
    the order is the one that made it count, if it was one, with its net in minor units then."""

    name = "referral_succeeded"
    names_order = "order_key"

    program: str
    order_id: int | None
    order_key: str
    net_cents: int
    referral: int
