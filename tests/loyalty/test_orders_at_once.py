"""The same news from several sides at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier
from threading import Event as Signal

import pytest
from django.db import connection

from loyalty import customers, merging, orders
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.external import External, accept
from loyalty.ledger.audit import broken
from loyalty.merged import Merged
from loyalty.models import Card, Customer, Event, Order, Program
from loyalty.orders import OrderData
from tests.cast import BY_STAFF, balances, card_of, person

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = Cause("webhook:1")
AT_ONCE = 6


@pytest.fixture(autouse=True)
def _one_writer_needs_no_test():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")


def at_once(*acts: Callable[[], object]) -> None:
    """Each in a thread and a connection of its own, all starting together; raises what they do."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def paid(key: str, now: datetime) -> None:
    data = OrderData(
        key=key,
        status="paid",
        customer=Who(email="new@example.com"),
        total_cents=10_000,
        currency="USD",
    )
    orders.record(data, cause=SHOP, now=now)


def test_an_order_with_all_its_refunds_at_once_ends_at_its_net(aurora: Program, now: datetime):
    for key in ("shop:1", "shop:2", "shop:3", "shop:4"):
        at_once(
            *[partial(paid, key, now)] * 3,
            *[partial(orders.refund, key, "r1", 1_000, cause=SHOP, now=now)] * 2,
            partial(orders.refund, key, "r2", 2_000, cause=SHOP, now=now),
        )

    assert Customer.objects.count() == 1
    assert balances(Card.objects.get()) == {"points": 4 * 70}
    assert Event.objects.filter(name="order_paid").count() == 4
    assert broken(now) == []


def test_somebody_joins_once(now: datetime):
    details = Details(email="new@example.com", phone="+41446681800")

    at_once(*[lambda: customers.join(details, cause=SHOP, now=now)] * AT_ONCE)

    assert Customer.objects.count() == 1
    assert Event.objects.filter(name="customer_created").count() == 1


def test_the_same_events_in_any_order_are_written_once(now: datetime):
    items = [
        External(index=n, name="quiz", key=str(n), customer=Who(email=f"p{n}@example.com"))
        for n in range(40)
    ]
    taken: list[int] = []

    def take(order: list[External]) -> None:
        taken.append(accept(order, scope="token:3", cause=SHOP, now=now).accepted)

    at_once(*[lambda: take(items), lambda: take(items[::-1])] * 3)

    assert sum(taken) == 40
    assert Event.objects.filter(name="quiz").count() == 40
    assert Customer.objects.count() == 40


def test_an_order_that_arrives_while_its_customer_is_merged_is_the_others(
    aurora: Program, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    gone, kept = (person(now, email=f"{name}@example.com") for name in ("new", "old"))
    has_locked, goes_on = Signal(), Signal()

    def pause(_merged: Merged) -> None:
        has_locked.set()
        goes_on.wait(1)

    def arrive() -> None:
        has_locked.wait(10)
        paid("shop:1", now)

    monkeypatch.setattr(merging, "followers", [*merging.followers, pause])
    at_once(lambda: merging.merge(gone, kept, cause=BY_STAFF, now=now), arrive)

    assert Order.objects.get().customer == kept
    assert balances(card_of(kept, aurora)) == {"points": 100}
    assert broken(now) == []
