"""Coupon codes: made, imported, given."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from loyalty import coupons, customers
from loyalty.coupons.codes import LETTERS, length_for, new_code
from loyalty.errors import (
    AlreadyRedeemed,
    CampaignExhausted,
    CouponUnavailable,
    Invalid,
    KeyReuse,
    NotFound,
)
from loyalty.models import Campaign, Coupon
from tests.cast import BY_STAFF
from tests.loyalty.codes import campaign, pool, redeem

pytestmark = pytest.mark.django_db


# --- Codes ----------------------------------------------------------------------------------------


def test_a_code_has_no_letter_that_is_taken_for_another():
    assert not set("01OILU") & set(LETTERS)
    assert len(set(LETTERS)) == len(LETTERS)


def test_every_letter_is_as_likely_as_any_other():
    drawn = Counter(new_code("", 60_000))

    expected = 60_000 / len(LETTERS)
    surprise = sum((drawn[letter] - expected) ** 2 / expected for letter in LETTERS)
    assert surprise < 75  # chi squared, 29 degrees: more than that in one run of 100,000


def test_the_more_codes_there_are_the_longer_they_get():
    assert [length_for(n) for n in (1, 600_000, 700_000)] == [8, 8, 9]


def test_codes_are_compared_without_case_and_spaces(now, business):
    ten = pool(1, now, prefix="SUN-")
    (code,) = ten.coupons.values_list("code", flat=True)

    assert code.startswith("SUN-")
    assert coupons.find(f" {code[:6].lower()} {code[6:]}\n").code == code
    for unknown in ("", "sun", "\0", "x" * 500, "sun-\ud800"):
        with pytest.raises(NotFound):
            coupons.find(unknown)


# --- Making and importing -------------------------------------------------------------------------


def test_a_hundred_thousand_codes_are_made_quickly(now, business):
    ten = campaign(supply="pool")
    began = time.monotonic()

    assert coupons.generate(ten, 100_000, now=now) == 100_000

    assert time.monotonic() - began < 30  # it takes three seconds; other tests run beside it
    assert ten.coupons.count() == 100_000


@pytest.mark.parametrize("n", [0, -1, 200_001])
def test_nobody_makes_none_or_too_many(now, business, n):
    with pytest.raises(Invalid):
        coupons.generate(campaign(supply="pool"), n, now=now)

    assert not Coupon.objects.exists()


def test_imported_codes_are_reported_by_line(now, business):
    other, ten = pool(1, now), campaign(supply="pool")
    there = other.coupons.get().code
    lines = ["\ufeffSpring-1", "spring-2;Ann", "", "SPRING-1", there.lower(), '"a b"', "x" * 41]

    added, problems = coupons.import_codes(ten, lines, now=now)
    again, twice = coupons.import_codes(ten, lines[:2], now=now)

    assert added == 2
    assert [(each.line, each.text) for each in problems] == [
        (4, "The same code stands in line 1."),
        (5, "This code is there already."),
        (6, "This cannot be a code."),
        (7, "This cannot be a code."),
    ]
    assert sorted(ten.coupons.values_list("code", flat=True)) == ["Spring-1", "spring-2"]
    assert (again, [each.line for each in twice]) == (0, [1, 2])


def test_only_a_pool_is_filled(now, business):
    with pytest.raises(Invalid):
        coupons.import_codes(campaign(), ["a"], now=now)
    with pytest.raises(Invalid):
        coupons.generate(campaign(supply="shared"), 5, now=now)

    assert not Coupon.objects.exists()


def test_one_code_for_everybody_is_set_and_changed(now, bob):
    other, all_ = campaign(supply="shared"), campaign(supply="shared")
    coupons.share(other, "TAKEN", now=now)

    first = coupons.share(all_, "WELCOME", now=now)
    second = coupons.share(all_, "HELLO", now=now)
    with pytest.raises(Invalid):
        coupons.share(all_, "taken", now=now)

    first.refresh_from_db()
    assert (first.state, second.state) == ("void", "issued")
    assert coupons.issue(all_, bob, key="k", now=now) == second
    assert coupons.share(all_, "Welcome", now=now).pk == first.pk


# --- Giving ---------------------------------------------------------------------------------------


def test_the_same_wish_gives_the_same_code(now, business, bob, dora):
    ten = campaign(valid_days=14)

    first = coupons.issue(ten, bob, key="journey:1", now=now)
    again = coupons.issue(ten, bob, key="journey:1", now=now + timedelta(days=1))
    other = coupons.issue(ten, bob, key="journey:2", now=now)
    with pytest.raises(KeyReuse):
        coupons.issue(ten, dora, key="journey:1", now=now)

    assert first == again
    assert other != first
    assert (first.customer, first.state, first.issued_at) == (bob, "issued", now)
    # The clocks go forward in New York between the two.
    assert first.expires_at == datetime(2026, 3, 17, 9, tzinfo=UTC)


def test_an_empty_pool_says_so(now, bob, dora):
    ten = pool(1, now)

    code = coupons.issue(ten, bob, key="1", now=now).code
    with pytest.raises(CampaignExhausted) as refusal:
        coupons.issue(ten, dora, key="2", now=now)

    assert refusal.value.code == "campaign_exhausted"
    assert ten.coupons.get().code == code


def test_a_customer_gets_so_many(now, bob, dora):
    ten = campaign(most_per_customer=1)
    wants = [coupons.Want(who.pk, f"{who.pk}:{n}") for n in (1, 2) for who in (bob, dora)]

    given = coupons.issue_many(ten, wants, now=now)

    kinds = [type(each) for each in given]
    assert kinds == [Coupon, Coupon, CouponUnavailable, CouponUnavailable]
    coupons.void(ten.coupons.get(customer=bob))
    assert coupons.issue(ten, bob, key="3", now=now).customer == bob


@pytest.mark.parametrize("settings", [{"is_active": False}, {"ends": -1}, {"ends": 0}])
def test_a_campaign_that_is_over_gives_nothing(now, bob, settings):
    if "ends" in settings:
        settings = {"ends_at": now + timedelta(hours=settings["ends"])}
    ten = campaign(**settings)

    with pytest.raises(CouponUnavailable):
        coupons.issue(ten, bob, key="1", now=now)

    assert not Coupon.objects.exists()


def test_an_erased_customer_gets_nothing(now, bob):
    customers.erase(bob, cause=BY_STAFF, now=now)

    with pytest.raises(NotFound):
        coupons.issue(campaign(), bob, key="1", now=now)


# --- Taking back ----------------------------------------------------------------------------------


def test_a_void_code_is_worth_nothing(now, bob):
    ten = campaign()
    code = coupons.issue(ten, bob, key="1", now=now)

    coupons.void(code)
    coupons.void(code)

    with pytest.raises(CouponUnavailable):
        redeem(code.code, now)


def test_a_code_that_was_redeemed_is_not_taken_back(now, business):
    used = pool(3, now).coupons.earliest("pk")
    redeem(used.code, now)

    with pytest.raises(AlreadyRedeemed):
        coupons.void(used)

    used.refresh_from_db()
    assert used.state == "redeemed"


@pytest.mark.parametrize(
    "settings",
    [
        {"percent": None},
        {"kind": "fixed"},
        {"supply": "shared", "valid_days": 3},
        {"prefix": "spring "},
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(business, settings):
    with pytest.raises(Exception, match=r".") as refusal:
        campaign(**settings)

    assert type(refusal.value).__name__ == "ValidationError"
    assert not Campaign.objects.exists()
