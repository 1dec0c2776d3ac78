"""Codes of a customer who was merged into another."""

from loyalty.merged import Merged
from loyalty.models import Coupon, CouponUse


def follow(merged: Merged) -> None:
    """Codes and redemptions of the one are the other's. May be repeated."""
    Coupon.objects.filter(customer=merged.gone_id).update(customer=merged.kept_id)
    CouponUse.objects.filter(customer=merged.gone_id).update(customer=merged.kept_id)
