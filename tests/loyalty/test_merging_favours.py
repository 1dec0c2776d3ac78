"""What becomes of codes, friends and reviews when two customers are one person."""

import pytest

from loyalty import coupons, merging, reviews
from loyalty.models import CouponUse, Referral, Review
from tests.cast import BY_STAFF, card_of
from tests.loyalty import codes, friends

pytestmark = pytest.mark.django_db


def merge(gone, kept, now):
    merging.merge(gone, kept, cause=BY_STAFF, now=now)


def test_codes_and_reviews_follow(bob, dora, now):
    ten = codes.campaign()
    first, second = (coupons.issue(ten, bob, key=f"{n}", now=now) for n in (1, 2))
    codes.redeem(first.code, now)
    reviews.leave(bob, 4, key="r", cause=BY_STAFF, now=now)

    merge(bob, dora, now)

    assert set(dora.coupons.all()) == {first, second}
    assert CouponUse.objects.get().customer == dora
    assert Review.objects.get().customer == dora


def test_whom_the_one_has_brought_the_other_has_brought(coffee, now):
    friends.offer(coffee)
    ann, anna = (friends.newcomer(now, coffee, f"{name}@example.com") for name in ("ann", "anna"))
    brought, kept = friends.bring(card_of(ann, coffee), now), card_of(anna, coffee)

    merge(ann, anna, now)

    brought.refresh_from_db()
    assert (brought.referrer, brought.card) == (anna, kept)
    assert brought.state == "invited"


def test_whoever_brought_themselves_is_found_out(coffee, now):
    friends.offer(coffee)
    ann = friends.newcomer(now, coffee, "ann@example.com")
    brought = friends.bring(card_of(ann, coffee), now)

    merge(brought.referred, ann, now)

    assert Referral.objects.get().state == "refused"
