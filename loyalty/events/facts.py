"""The product's own events as frozen dataclasses; conditions and merge tags see their fields.

A fact names no person: who it is about stands in the row beside it, and an erased customer's
name is not in it.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Fact:
    """Something that has happened. Leaves have a name; those that tell of a person's traits rather
    than of a card or an order say so, and lose their data when the person is forgotten."""

    name: ClassVar[str] = ""
    is_personal: ClassVar[bool] = False

    def payload(self) -> dict[str, Any]:
        return dict(vars(self))


# --- Customers ------------------------------------------------------------------------------------


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


# --- Cards and what they hold ---------------------------------------------------------------------


@dataclass(frozen=True)
class CardIssued(Fact):
    """`program` is the program's slug."""

    name = "card_issued"

    program: str


@dataclass(frozen=True)
class CardScanned(Fact):
    """`location` is the id of where it was scanned, if that is known."""

    name = "card_scanned"

    location: int | None = None


@dataclass(frozen=True)
class CardExpired(Fact):
    """`program` is the program's slug. Once for each end that a card is given."""

    name = "card_expired"

    program: str


@dataclass(frozen=True)
class CardDeleted(Fact):
    """`program` is the program's slug."""

    name = "card_deleted"

    program: str


@dataclass(frozen=True)
class BalanceChanged(Fact):
    """One entry of the ledger: `before` and `after` are balances, `amount` is signed, `cycle` is
    the row that a stamp card is filling (from 1), `cause` says what the entry followed from."""

    name = "balance_changed"

    unit: str
    amount: int
    before: int
    after: int
    cycle: int
    cause: str


@dataclass(frozen=True)
class RewardRedeemed(Fact):
    """`reward` is its name, `amount` (positive) what was given for it, in `unit`."""

    name = "reward_redeemed"

    reward: str
    unit: str
    amount: int


@dataclass(frozen=True)
class CouponRedeemed(Fact):
    """`program` is the coupon program's slug."""

    name = "coupon_redeemed"

    program: str


@dataclass(frozen=True)
class ValueExpired(Fact):
    """`amount` (positive) is what the card has lost."""

    name = "value_expired"

    unit: str
    amount: int


# --- Orders ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrderFact(Fact):
    """The order as it was then, money in minor units; `net_cents` is total less refunds."""

    order_id: int
    key: str
    platform: str
    status: str
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    refunded_cents: int
    net_cents: int


@dataclass(frozen=True)
class OrderCreated(OrderFact):
    name = "order_created"


@dataclass(frozen=True)
class OrderPaid(OrderFact):
    name = "order_paid"


@dataclass(frozen=True)
class OrderCompleted(OrderFact):
    name = "order_completed"


@dataclass(frozen=True)
class OrderCancelled(OrderFact):
    name = "order_cancelled"


@dataclass(frozen=True)
class OrderRefunded(OrderFact):
    """`amount_cents` is this refund, `refunded_cents` all of them."""

    name = "order_refunded"

    amount_cents: int


# --- Automations ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AutomationRequested(Fact):
    """A journey asks that another automation, by its id and slug, takes the same customer."""

    name = "automation_requested"

    automation: int
    slug: str


# --- Names ----------------------------------------------------------------------------------------

FACTS: dict[str, type[Fact]] = {
    fact.name: fact
    for fact in (
        *(CustomerCreated, CustomerUpdated, CustomerDeleted, ConsentChanged, TagAdded, TagRemoved),
        *(
            CardIssued,
            CardScanned,
            CardExpired,
            CardDeleted,
            BalanceChanged,
            RewardRedeemed,
            ValueExpired,
        ),
        CouponRedeemed,
        *(OrderCreated, OrderPaid, OrderCompleted, OrderCancelled, OrderRefunded),
        AutomationRequested,
    )
}

# Nobody outside may call an event of theirs so. Those below are for what is not built yet.
RESERVED: frozenset[str] = frozenset(FACTS) | {
    *("customer_merged", "segment_entered", "segment_left", "rfm_segment_changed"),
    *("review_left", "referral_succeeded", "shared"),
    *("card_installed", "points_claimed", "tier_changed"),
    *("cart_updated", "product_viewed", "search_made", "category_viewed"),
    *("message_sent", "message_delivered", "message_opened", "message_clicked"),
    *("message_bounced", "message_complained", "message_unsubscribed", "message_replied"),
    *("delivery_done", "delivery_failed", "task_completed"),
    *("birthday", "anniversary", "expiring", "inactive", "renewal_due"),
}
