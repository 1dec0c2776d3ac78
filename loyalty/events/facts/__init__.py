"""The product's own events as frozen dataclasses; conditions and merge tags see their fields.

A fact names no person: who it is about stands in the row beside it, and an erased customer's
name is not in it.
"""

from loyalty.events.facts.automations import AutomationRequested
from loyalty.events.facts.cards import (
    BalanceChanged,
    CardDeleted,
    CardExpired,
    CardInstalled,
    CardIssued,
    CardScanned,
    CardUninstalled,
    CouponRedeemed,
    PointsClaimed,
    RewardRedeemed,
    ValueExpired,
)
from loyalty.events.facts.coupons import CouponCodeRedeemed
from loyalty.events.facts.customers import (
    ConsentChanged,
    CustomerCreated,
    CustomerDeleted,
    CustomerMerged,
    CustomerUpdated,
    ReferralSucceeded,
    Shared,
    TagAdded,
    TagRemoved,
)
from loyalty.events.facts.fact import FACTS, Fact
from loyalty.events.facts.groups import RfmSegmentChanged, SegmentEntered, SegmentLeft
from loyalty.events.facts.orders import (
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderFact,
    OrderPaid,
    OrderRefunded,
)
from loyalty.events.facts.reviews import ReviewLeft
from loyalty.events.facts.tiers import CloseToUpgrade, TierChanged, TierDowngradeRisk

# Nobody outside may call an event of theirs so. Those below are for what is not built yet.
RESERVED: frozenset[str] = frozenset(FACTS) | {
    *("review_left"),
    *("cart_updated", "product_viewed", "search_made", "category_viewed"),
    *("message_sent", "message_delivered", "message_opened", "message_clicked"),
    *("message_bounced", "message_complained", "message_unsubscribed", "message_replied"),
    *("delivery_done", "delivery_failed", "task_completed"),
    *("birthday", "anniversary", "expiring", "inactive", "renewal_due"),
}

__all__ = [
    "FACTS",
    "RESERVED",
    "AutomationRequested",
    "BalanceChanged",
    "CardDeleted",
    "CardExpired",
    "CardInstalled",
    "CardIssued",
    "CardScanned",
    "CardUninstalled",
    "CloseToUpgrade",
    "ConsentChanged",
    "CouponCodeRedeemed",
    "CouponRedeemed",
    "CustomerCreated",
    "CustomerDeleted",
    "CustomerMerged",
    "CustomerUpdated",
    "Fact",
    "OrderCancelled",
    "OrderCompleted",
    "OrderCreated",
    "OrderFact",
    "OrderPaid",
    "OrderRefunded",
    "PointsClaimed",
    "ReferralSucceeded",
    "ReviewLeft",
    "RewardRedeemed",
    "RfmSegmentChanged",
    "SegmentEntered",
    "SegmentLeft",
    "Shared",
    "TagAdded",
    "TagRemoved",
    "TierChanged",
    "TierDowngradeRisk",
    "ValueExpired",
]
