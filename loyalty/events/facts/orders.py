"""What happened to an order."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class OrderFact(Fact):
    """The order as it was then, money in minor units; `net_cents` is total less refunds."""

    names_order = "key"

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
