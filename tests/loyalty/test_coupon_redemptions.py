"""Coupon codes at the till: worth, limits, once, and back with the order."""

from datetime import timedelta

import pytest

from loyalty import coupons, customers, orders
from loyalty.coupons import Basket
from loyalty.customers import Who
from loyalty.errors import (
    AlreadyRedeemed,
    AmountRequired,
    CouponExpired,
    CouponUnavailable,
    Invalid,
    KeyReuse,
    LoyaltyError,
)
from loyalty.models import Coupon, CouponUse, Event
from tests.cast import BY_STAFF
from tests.loyalty.codes import campaign, pool, redeem, wish
from tests.loyalty.shop import SHOP
from tests.loyalty.till import accrue, undo

pytestmark = pytest.mark.django_db


def one(now, **settings) -> Coupon:
    return pool(1, now, **settings).coupons.get()


# --- What it is worth -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "total", "off"),
    [
        ({"percent": 10}, 999, 99),
        ({"percent": "12.50"}, 1_000, 125),
        ({"kind": "fixed", "value_cents": 500}, 2_000, 500),
        ({"kind": "fixed", "value_cents": 500}, 300, 300),
        ({"kind": "gift"}, 2_000, 0),
        ({"percent": 10}, None, None),
    ],
)
def test_a_code_takes_off_what_its_campaign_says(now, business, settings, total, off):
    code = one(now, **settings).code

    assert coupons.check(code, Basket(total_cents=total), now=now).off_cents == off
    assert redeem(code, now, total_cents=total).body["redemption"]["off_cents"] == off


def test_to_check_changes_nothing(now, business):
    code = one(now)

    for _again in range(2):
        found = coupons.check(code.code, Basket(), now=now)

    assert (found.refusal, found.coupon.state) == (None, "ready")
    assert not CouponUse.objects.exists()


# --- Once -----------------------------------------------------------------------------------------


def test_a_code_is_redeemed_once(now, bob):
    code = coupons.issue(campaign(), bob, key="1", now=now)

    done = redeem(code.code, now, key="api:3:a", total_cents=500, order_key="shop:1")
    again = redeem(code.code, now, key="api:3:a", total_cents=500, order_key="shop:1")
    with pytest.raises(AlreadyRedeemed):
        redeem(code.code, now)

    assert (done.is_replay, again.is_replay) == (False, True)
    assert done.body == again.body
    assert done.body["coupon"]["state"] == "redeemed"
    told = Event.objects.get(name="coupon_code_redeemed")
    assert (told.customer, told.data["order_key"], told.data["off_cents"]) == (bob, "shop:1", 50)
    assert code.code not in str(told.data)


def test_a_key_that_asked_for_something_else_is_refused(now, coffee_card):
    first, second = pool(2, now).coupons.all()
    coupons.redeem(first.code, Basket(), wish=wish("api:3:a", "one"), now=now)
    accrued = accrue(coffee_card, now, amount=1)["operation"]["key"]

    for key in ("api:3:a", f"api:3:{accrued}"):
        with pytest.raises(KeyReuse):
            coupons.redeem(second.code, Basket(), wish=wish(key, "two"), now=now)

    second.refresh_from_db()
    assert second.state == "ready"


# --- What stands in the way -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "basket", "refusal"),
    [
        ({"is_active": False}, {}, CouponUnavailable),
        ({"starts": 1}, {}, CouponUnavailable),
        ({"ends": 0}, {}, CouponExpired),
        ({"minimum_cents": 1_000}, {}, AmountRequired),
        ({"minimum_cents": 1_000}, {"total_cents": 999}, CouponUnavailable),
        ({"currency": "EUR"}, {"total_cents": 999, "currency": "USD"}, CouponUnavailable),
    ],
)
def test_a_code_that_does_not_fit_stays(now, business, settings, basket, refusal):
    moments = {f"{name}_at": now + timedelta(hours=settings.pop(name))
               for name in ("starts", "ends") if name in settings}  # fmt: skip
    code = one(now, **settings, **moments)

    with pytest.raises(refusal):
        redeem(code.code, now, **basket)

    assert type(coupons.check(code.code, Basket(**basket), now=now).refusal) is refusal
    code.refresh_from_db()
    assert code.state == "ready"
    assert not CouponUse.objects.exists()


def test_a_code_ends_so_many_days_after_it_was_given(now, bob):
    code = coupons.issue(campaign(valid_days=2), bob, key="1", now=now)

    with pytest.raises(CouponExpired):
        redeem(code.code, now + timedelta(days=2))

    assert coupons.find(code.code).state_at(now + timedelta(days=2)) == "expired"
    assert Coupon.objects.over(now + timedelta(days=2)).count() == 1
    assert redeem(code.code, now + timedelta(days=2, seconds=-1)).body


def test_somebody_elses_code_is_refused_and_a_bearers_is_not(now, bob, dora):
    code = coupons.issue(campaign(), bob, key="1", now=now).code

    with pytest.raises(CouponUnavailable):
        redeem(code, now, customer=dora)

    redeem(code, now)
    assert CouponUse.objects.get().customer == bob


def test_a_limit_in_all_counts_what_was_not_given_back(now, business):
    first, second = pool(2, now, most_in_all=1).coupons.all()
    redeem(first.code, now, order_key="shop:1")
    with pytest.raises(CouponUnavailable):
        redeem(second.code, now)

    _order(now, "paid")
    _order(now, "cancelled")

    redeem(second.code, now)


def test_everybodys_code_is_for_each_so_often(now, bob, dora):
    code = coupons.share(campaign(supply="shared", most_per_customer=1), "HELLO", now=now).code

    redeem(code, now, customer=bob)
    redeem(code, now, customer=dora)
    with pytest.raises(CouponUnavailable):
        redeem(code, now, customer=bob)
    with pytest.raises(Invalid):
        redeem(code, now)

    assert coupons.find(code).state == "issued"
    assert CouponUse.objects.count() == 2


# --- Given back -----------------------------------------------------------------------------------


def _order(now, status, **more):
    data = orders.OrderData(
        key="shop:1", status=status, total_cents=2_000, currency="USD",
        customer=Who(external_id="ann"), **more,
    )  # fmt: skip
    return orders.record(data, cause=SHOP, now=now)


@pytest.mark.parametrize(("refunded", "state"), [(1_999, "redeemed"), (2_000, "issued")])
def test_a_refund_in_full_gives_the_code_back(now, bob, refunded, state):
    code = coupons.issue(campaign(), bob, key="1", now=now)
    redeem(code.code, now, order_key="shop:1", total_cents=2_500, key="api:3:a")
    _order(now, "paid")

    orders.refund("shop:1", "r1", refunded, cause=SHOP, now=now)
    orders.refund("shop:1", "r1", refunded, cause=SHOP, now=now)

    code.refresh_from_db()
    assert code.state == state
    assert redeem(code.code, now, order_key="shop:1", total_cents=2_500, key="api:3:a").is_replay


def test_what_was_given_back_is_redeemed_anew(now, business):
    code = one(now)
    redeem(code.code, now, order_key="shop:1")
    _order(now, "cancelled")
    code.refresh_from_db()
    assert code.state == "ready"

    redeem(code.code, now, order_key="shop:2")

    assert CouponUse.objects.filter(returned_at=None).count() == 1
    assert CouponUse.objects.count() == 2


@pytest.mark.parametrize("returns", [True, False])
@pytest.mark.parametrize("is_cancelled_first", [True, False])
def test_a_code_of_a_cancelled_order_is_free_whichever_news_came_first(
    now, bob, is_cancelled_first, returns
):
    code = coupons.issue(campaign(returns_on_refund=returns), bob, key="1", now=now)
    news = [
        lambda: redeem(code.code, now, order_key="shop:1", total_cents=2_500, key="api:3:a"),
        lambda: _order(now, "cancelled"),
    ]

    for tell in reversed(news) if is_cancelled_first else news:
        tell()

    code.refresh_from_db()
    use = CouponUse.objects.get()
    assert (code.state, use.returned_at) == (("issued", now) if returns else ("redeemed", None))
    assert redeem(code.code, now, order_key="shop:1", total_cents=2_500, key="api:3:a").is_replay
    if returns:
        redeem(code.code, now, order_key="shop:2", total_cents=2_500)


def test_nobody_is_told_of_a_code_that_is_given_back_at_once(now, bob):
    code = coupons.issue(campaign(), bob, key="1", now=now)
    _order(now, "cancelled")

    redeem(code.code, now, order_key="shop:1", total_cents=2_500)

    assert not Event.objects.filter(name="coupon_code_redeemed").exists()


def test_a_campaign_may_keep_what_was_redeemed(now, business):
    code = one(now, returns_on_refund=False)
    redeem(code.code, now, order_key="shop:1")

    _order(now, "cancelled")

    code.refresh_from_db()
    assert code.state == "redeemed"


def test_a_purchase_undone_at_the_till_gives_it_back(now, aurora_card):
    code = one(now)
    redeem(code.code, now, order_key="till:7")

    undo(accrue(aurora_card, now, purchase_cents=500, order_key="till:7"), now)

    code.refresh_from_db()
    assert code.state == "ready"


def test_an_erased_customers_code_still_counts_as_redeemed(now, bob):
    code = coupons.issue(campaign(), bob, key="1", now=now)
    redeem(code.code, now)

    customers.erase(bob, cause=BY_STAFF, now=now)

    with pytest.raises(LoyaltyError):
        redeem(code.code, now)
