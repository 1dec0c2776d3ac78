"""How a code looks from outside, and what messages may say of it."""

from datetime import datetime
from typing import Any

from loyalty.models import Coupon
from loyalty.models.coupon import CouponKind
from loyalty.models.rate import said
from loyalty.shapes import moment


def shape(coupon: Coupon, now: datetime) -> dict[str, Any]:
    """A code with what it is worth; its campaign is loaded."""
    campaign = coupon.campaign
    worth: dict[str, Any] = {}
    if campaign.kind == CouponKind.PERCENT and campaign.percent is not None:
        worth = {"percent": said(campaign.percent)}
    elif campaign.kind == CouponKind.FIXED:
        worth = {"cents": campaign.value_cents}
    return {
        "code": coupon.code,
        "campaign": {"slug": campaign.slug, "name": campaign.name, "offer": campaign.offer},
        "kind": campaign.kind,
        **({"off": worth} if worth else {}),
        "currency": campaign.currency,
        "minimum_cents": campaign.minimum_cents,
        "state": coupon.state_at(now),
        "issued_at": moment(coupon.issued_at),
        "expires_at": moment(coupon.ends_at()),
        "redeemed_at": moment(coupon.redeemed_at),
        "customer": {"id": coupon.customer_id} if coupon.customer_id else None,
    }


def merge_values(coupon: Coupon) -> dict[str, Any]:
    """What later steps of a journey may say of the code it was given."""
    return {
        "code": coupon.code,
        "offer": coupon.campaign.offer,
        "campaign": coupon.campaign.slug,
        "expires_at": moment(coupon.ends_at()),
    }
