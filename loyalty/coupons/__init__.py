"""Coupon codes: made, imported, given, checked, redeemed, given back; the tables' only writer."""

from loyalty.coupons.codes import fold
from loyalty.coupons.giving import Want, issue, issue_many, share
from loyalty.coupons.making import MOST_AT_ONCE, Problem, generate, import_codes
from loyalty.coupons.merging import follow
from loyalty.coupons.redeeming import (
    Basket,
    Checked,
    Redemption,
    Wish,
    check,
    find,
    order_changed,
    redeem,
)
from loyalty.coupons.shape import merge_values, shape
from loyalty.coupons.voiding import void

__all__ = [
    "MOST_AT_ONCE",
    "Basket",
    "Checked",
    "Problem",
    "Redemption",
    "Want",
    "Wish",
    "check",
    "find",
    "fold",
    "follow",
    "generate",
    "import_codes",
    "issue",
    "issue_many",
    "merge_values",
    "order_changed",
    "redeem",
    "shape",
    "share",
    "void",
]
