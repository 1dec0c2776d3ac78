"""What customers' orders come to is asked for many at once, and only when somebody asks."""

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from loyalty import conditions, totals
from loyalty.facts import Facts
from loyalty.models import Customer
from tests.loyalty.shop import paid

pytestmark = pytest.mark.django_db


def test_orders_are_counted_for_all_at_the_first_question(
    alice: Customer,
    dora: Customer,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    paid(now, 5_000)
    known = totals.OfMany([alice.pk, dora.pk])
    people = [Facts(customer=who, now=now, totals=known) for who in (alice, dora)]
    has_ordered = conditions.parse(["customer.orders_count", "=", 1])

    with django_assert_num_queries(0):
        assert people[0].value("customer.first_name") == "Alice"
    with django_assert_num_queries(2):
        answers = [conditions.holds(has_ordered, facts) for facts in people]

    assert answers == [False, True]
    assert people[1].value("customer.total_spent") == 5_000
