"""Codes taken back before anybody redeemed them."""

from django.db import transaction

from loyalty.errors import AlreadyRedeemed
from loyalty.models import Coupon
from loyalty.models.coupon import CouponState


def void(coupon: Coupon) -> Coupon:
    """It cannot be redeemed any more. May be repeated; AlreadyRedeemed where it is too late."""
    with transaction.atomic():
        row = Coupon.objects.select_for_update(no_key=True, of=("self",)).get(pk=coupon.pk)
        if row.state == CouponState.REDEEMED:
            raise AlreadyRedeemed
        row.state = CouponState.VOID
        row.save(update_fields=["state"])
    return row
