"""What happened: facts in the past, each written once, in the transaction that made it true.

Facts of our own are in `facts`, rows in `journal`. What others tell us comes in by
`loyalty.external`, which knows customers as well.
"""

from loyalty.events.facts import FACTS, RESERVED, Fact
from loyalty.events.facts.automations import AutomationRequested, StepRequested
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
from loyalty.events.journal import (
    SHARDS,
    Draft,
    draft,
    emit,
    follow,
    mark_entered,
    new_key,
    shard_of,
    wipe,
    write,
)

__all__ = [
    "FACTS",
    "RESERVED",
    "SHARDS",
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
    "Draft",
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
    "StepRequested",
    "TagAdded",
    "TagRemoved",
    "TierChanged",
    "TierDowngradeRisk",
    "ValueExpired",
    "draft",
    "emit",
    "follow",
    "mark_entered",
    "new_key",
    "shard_of",
    "wipe",
    "write",
]
