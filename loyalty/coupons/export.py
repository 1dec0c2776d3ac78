"""The codes of a campaign as CSV, a line at a time."""

from collections.abc import Iterator
from datetime import datetime

from loyalty.exports.cells import line_of
from loyalty.models import Campaign
from loyalty.shapes import moment

HEAD = ("code", "state", "customer", "issued_at", "expires_at", "redeemed_at")
AT_ONCE = 2_000


def lines(campaign: Campaign, *, now: datetime) -> Iterator[str]:
    """Head first. `customer` is an id."""
    yield line_of(HEAD)
    rows = campaign.coupons.order_by("pk").iterator(chunk_size=AT_ONCE)
    for coupon in rows:
        yield line_of(
            (
                coupon.code,
                coupon.state_at(now),
                str(coupon.customer_id or ""),
                moment(coupon.issued_at) or "",
                moment(coupon.ends_at()) or "",
                moment(coupon.redeemed_at) or "",
            )
        )
