"""Café Aurora's coupon campaigns, and what it gives for friends and says after reviews."""

from datetime import datetime
from typing import Any

from loyalty import coupons
from loyalty.models import Campaign, Program, ReferralOffer, ReviewPage
from loyalty.models.coupon import CouponKind, Supply

POOL = 200
REVIEWS_AT = "https://www.example.com/reviews/cafe-aurora"


def open_favours(now: datetime) -> None:
    """Those that are not there; what stands is never changed back."""
    _campaign("birthday-cake", "Birthday cake", "A slice of cake on us",
              kind=CouponKind.GIFT, valid_days=14, most_per_customer=1)  # fmt: skip
    if flyers := _campaign("spring-flyers", "Spring flyers", "20 % off your breakfast",
                           percent=20, supply=Supply.POOL, prefix="SPRING-"):  # fmt: skip
        coupons.generate(flyers, POOL, now=now)
    if welcome := _campaign("welcome", "Welcome", "$3 off from $15", kind=CouponKind.FIXED,
                            value_cents=300, minimum_cents=1_500, supply=Supply.SHARED,
                            most_per_customer=1):  # fmt: skip
        coupons.share(welcome, "WELCOME", now=now)
    coffee = Program.objects.filter(slug="coffee").first()
    if coffee is not None:
        ReferralOffer.objects.get_or_create(
            program=coffee, defaults={"referrer_amount": 2, "most_per_month": 10}
        )
        ReviewPage.objects.get_or_create(program=coffee, defaults={"public_url": REVIEWS_AT})


def _campaign(slug: str, name: str, offer: str, **more: Any) -> Campaign | None:
    if Campaign.objects.filter(slug=slug).exists():
        return None
    return Campaign.objects.create(slug=slug, name=name, offer=offer, **more)
