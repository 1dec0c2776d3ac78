"""What becomes of codes, friends and reviews when two customers are one person."""

from datetime import timedelta

import pytest

from loyalty import cards, coupons, merging, reviews
from loyalty.ledger.audit import broken
from loyalty.models import Card, CouponUse, Referral, Review
from tests.cast import BY_STAFF, balances, card_of, give
from tests.loyalty import codes, friends, till
from tests.loyalty.postings import held, owed

pytestmark = pytest.mark.django_db


def merge(gone, kept, now):
    merging.merge(gone, kept, cause=BY_STAFF, now=now)


def active(customer):
    return Card.objects.active().get(customer=customer)


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


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_given_for_bringing_oneself_is_taken_back(coffee, now, turned):
    friends.offer(coffee)
    ann = friends.newcomer(now, coffee, "ann@example.com")
    brought = friends.bring(card_of(ann, coffee), now)
    till.accrue(friends.theirs(brought), now, amount=1)
    friends.settle(now)
    assert balances(card_of(ann, coffee))["stamps"] == 5
    gone, kept = (ann, brought.referred) if turned else (brought.referred, ann)

    merge(gone, kept, now)
    friends.settle(now)

    brought.refresh_from_db()
    assert (brought.state, brought.reason) == ("reversed", "self")
    assert "one person" in brought.note
    card = active(kept)
    assert (held(card), owed(card)) == ({"stamps": 1, "rewards": 0}, {})


def test_what_counts_and_was_not_given_yet_is_not_given(coffee, now):
    friends.offer(coffee)
    ann = friends.newcomer(now, coffee, "ann@example.com")
    brought = friends.bring(card_of(ann, coffee), now)
    till.accrue(friends.theirs(brought), now, amount=1)

    merge(brought.referred, ann, now)
    friends.settle(now)

    brought.refresh_from_db()
    assert (brought.state, brought.reason) == ("refused", "self")
    assert balances(active(ann))["stamps"] == 1


def test_who_was_brought_is_still_brought_as_the_other(coffee, now):
    friends.offer(coffee)
    fred = friends.newcomer(now, coffee, "fred@example.com")
    brought = friends.bring(card_of(fred, coffee), now)
    twin = friends.newcomer(now, coffee, "nick@work.example")

    merge(brought.referred, twin, now)
    till.accrue(active(twin), now, amount=1)
    friends.settle(now)

    brought.refresh_from_db()
    assert (brought.state, brought.referred) == ("rewarded", twin)
    assert balances(card_of(fred, coffee))["stamps"] == 5


def test_who_was_a_customer_before_is_not_brought(coffee, now):
    friends.offer(coffee)
    fred = friends.newcomer(now, coffee, "fred@example.com")
    known = friends.newcomer(now - timedelta(days=9), coffee, "nick@work.example")
    brought = friends.bring(card_of(fred, coffee), now)

    merge(brought.referred, known, now)
    till.accrue(active(known), now, amount=1)
    friends.settle(now)

    brought.refresh_from_db()
    assert (brought.state, brought.reason) == ("refused", "not_new")
    assert balances(card_of(fred, coffee))["stamps"] == 0


def test_who_was_brought_twice_counts_once(coffee, now):
    friends.offer(coffee)
    ann, fred = (friends.newcomer(now, coffee, f"{name}@example.com") for name in ("ann", "fred"))
    first = friends.bring(card_of(ann, coffee), now, "nick@example.com")
    second = friends.bring(card_of(fred, coffee), now, "nick@work.example", device="phone")

    merge(second.referred, first.referred, now)
    till.accrue(active(first.referred), now, amount=1)
    friends.settle(now)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("rewarded", "refused")
    assert second.device == ""


def test_a_row_that_a_reward_filled_is_not_full_any_more(alice, dora, coffee, now):
    friends.offer(coffee)
    card, other = card_of(alice, coffee), cards.issue(coffee, dora, cause=BY_STAFF, now=now)[0]
    give(card, 7, "seven", now)
    visit = till.accrue(friends.theirs(friends.bring(card, now)), now, amount=1)
    friends.settle(now)
    assert held(card) == {"stamps": 2, "rewards": 1}

    merge(alice, dora, now)
    cards.block(other, now=now)
    till.undo(visit, now)
    friends.settle(now)

    assert (held(other), owed(other)) == ({"stamps": 7, "rewards": 0}, {})
    assert broken(now) == []
