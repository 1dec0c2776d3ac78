"""The codes of a campaign as CSV, a line at a time."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from loyalty.models import Campaign
from loyalty.shapes import moment

HEAD = ("code", "state", "customer", "issued_at", "expires_at", "redeemed_at")
# A spreadsheet takes a cell that begins so for a formula, and runs it
# (owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 2_000


def lines(campaign: Campaign, *, now: datetime) -> Iterator[str]:
    """Head first. `customer` is an id; a cell that a spreadsheet would run begins with '."""
    yield _line(HEAD)
    rows = campaign.coupons.order_by("pk").iterator(chunk_size=AT_ONCE)
    for coupon in rows:
        yield _line(
            (
                coupon.code,
                coupon.state_at(now),
                str(coupon.customer_id or ""),
                moment(coupon.issued_at) or "",
                moment(coupon.ends_at()) or "",
                moment(coupon.redeemed_at) or "",
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_safe(cell) for cell in cells])
    return written.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
