"""What happened to a coupon code."""

from dataclasses import dataclass

from loyalty.events.facts.fact import Fact


@dataclass(frozen=True)
class CouponCodeRedeemed(Fact):
    """`campaign` is its slug; `off_cents` what it took off the order, in minor units."""

    name = "coupon_code_redeemed"
    names_order = "order_key"

    campaign: str
    order_key: str
    off_cents: int
