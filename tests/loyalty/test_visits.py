"""What is a visit, and what is none."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty import orders, visits
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import Customer
from loyalty.orders import OrderData
from tests.cast import give
from tests.loyalty import till

pytestmark = pytest.mark.django_db


def seen(customer) -> visits.Visits:
    """The same figures from both readings, or the test fails."""
    found = visits.of([customer.pk]).get(customer.pk, visits.NONE)
    row = Customer.objects.annotate(n=visits.count("America/New_York"), last=visits.last()).get(
        pk=customer.pk
    )
    assert (row.n, row.last) == (found.count, found.last_at)
    return found


def test_several_cards_on_one_day_are_one_visit(coffee_card, aurora_card, dora, now):
    till.accrue(coffee_card, now, amount=1)
    till.accrue(aurora_card, now + timedelta(minutes=1), purchase_cents=550)

    assert seen(dora) == visits.Visits(1, now + timedelta(minutes=1))


def test_a_day_is_one_of_the_businesss(coffee_card, dora):
    """The café is in New York: eight in the evening there is the next day in UTC."""
    till.accrue(coffee_card, datetime(2026, 3, 3, 15, 0, tzinfo=UTC), amount=1)
    till.accrue(coffee_card, datetime(2026, 3, 4, 1, 0, tzinfo=UTC), amount=1)
    till.accrue(coffee_card, datetime(2026, 3, 4, 15, 0, tzinfo=UTC), amount=1)

    assert seen(dora) == visits.Visits(2, datetime(2026, 3, 4, 15, 0, tzinfo=UTC))


def test_a_purchase_too_small_to_earn_is_a_visit(aurora_card, dora, now):
    till.accrue(aurora_card, now, purchase_cents=40)

    assert seen(dora) == visits.Visits(1, now)


def test_what_was_undone_is_no_visit(coffee_card, dora, now):
    done = till.accrue(coffee_card, now, amount=1)

    till.undo(done, now + timedelta(minutes=2))

    assert seen(dora) == visits.NONE


def test_a_purchase_that_was_undone_is_no_visit(aurora_card, dora, now):
    done = till.accrue(aurora_card, now, purchase_cents=900)

    till.undo(done, now + timedelta(minutes=2))

    assert seen(dora) == visits.NONE


def test_gifts_of_staff_and_orders_of_a_web_shop_are_no_visits(aurora_card, dora, now):
    give(aurora_card, 5, "for her birthday", now)
    bought = OrderData(
        key="shopify:1", platform="shopify", status="paid", customer=Who(id=dora.pk),
        placed_at=now, currency="USD", subtotal_cents=900, total_cents=900,
    )  # fmt: skip

    orders.record(bought, cause=Cause("webhook"), now=now)

    assert seen(dora) == visits.NONE
