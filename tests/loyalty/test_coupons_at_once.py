"""The same codes from several tills and journeys at the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.db import connection

from loyalty import coupons
from loyalty.coupons import Want
from loyalty.errors import LoyaltyError
from loyalty.models import Coupon, CouponUse, Customer
from tests.cast import person
from tests.loyalty.codes import campaign, pool, redeem
from tests.loyalty.test_orders_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TILLS = 8


@pytest.fixture(autouse=True)
def _one_writer_needs_no_test():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")


def outcome(came: Counter[str], act: Callable[[], object]) -> None:
    try:
        act()
    except LoyaltyError as refused:
        came[refused.code] += 1
    else:
        came["done"] += 1


def test_a_code_is_redeemed_by_one_of_many_tills(business, now: datetime):
    for code in pool(4, now).coupons.all():
        came: Counter[str] = Counter()

        at_once(*[partial(outcome, came, partial(redeem, code.code, now)) for _n in range(TILLS)])

        assert came == {"done": 1, "already_redeemed": TILLS - 1}
    assert CouponUse.objects.count() == 4


def test_the_same_key_at_once_is_answered_alike(business, now: datetime):
    code = pool(1, now).coupons.get()
    said: list[dict[str, object]] = []

    def act() -> None:
        said.append(redeem(code.code, now, key="api:3:same", total_cents=500).body)

    at_once(*[act] * TILLS)

    assert all(body == said[0] for body in said)
    assert len(said) == TILLS
    assert CouponUse.objects.count() == 1


def test_a_limit_in_all_holds_however_many_come(business, now: datetime):
    came: Counter[str] = Counter()
    codes = pool(TILLS, now, most_in_all=3).coupons.all()

    at_once(*[partial(outcome, came, partial(redeem, each.code, now)) for each in codes])

    assert came == {"done": 3, "coupon_unavailable": TILLS - 3}


def test_everybodys_code_is_taken_once_by_each(now: datetime, bob: Customer):
    shared = campaign(supply="shared", most_per_customer=1)
    code = coupons.share(shared, "HELLO", now=now).code
    came: Counter[str] = Counter()

    act = partial(outcome, came, partial(redeem, code, now, customer=bob))
    at_once(*[act] * TILLS)

    assert came == {"done": 1, "coupon_unavailable": TILLS - 1}


def test_a_pool_gives_each_code_to_one(business, now: datetime):
    people = [person(now, email=f"p{n}@example.com") for n in range(40)]
    ten = pool(60, now)

    def give(start: int) -> None:
        wants = [Want(each.pk, f"{start}:{each.pk}") for each in people[start::4]]
        coupons.issue_many(ten, wants, now=now)

    at_once(*[partial(give, start) for start in range(4)])

    given = Coupon.objects.filter(state="issued")
    assert given.count() == 40
    assert given.values("customer").distinct().count() == 40
    assert given.values("issue_key").distinct().count() == 40
