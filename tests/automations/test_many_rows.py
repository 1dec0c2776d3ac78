"""What is asked all the time is answered from an index, however many rows there are."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations.engine import pump
from loyalty import bulk, ledger
from loyalty.models import Account, Card, Customer, Event
from tests.planner import count_rows

pytestmark = pytest.mark.django_db

MANY = 2_000


def plan_of(ask: Callable[[], object], table: str) -> str:
    """How the database answers the first statement that reads that table, in its own words."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask()
    query = next(each["sql"] for each in asked if f"{table}" in each["sql"])
    count_rows()
    with connection.cursor() as cursor:
        word = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{word} {query}")
        return "\n".join(str(row) for row in cursor.fetchall())


def reads_all_of(table: str, plan: str) -> bool:
    return f"Seq Scan on {table}" in plan or f"SCAN {table}" in plan or "SCAN e" in plan


def test_a_backlog_does_not_hide_the_index_of_what_is_due(now: datetime) -> None:
    """The planner hopes to find the first of many at once, and reads a year of events instead."""
    rows = [
        Event(name="waved", key=f"wave {n}", shard=n % 16, cause="api:1",
              entered_at=now if n < MANY // 2 else None)
        for n in range(MANY)
    ]  # fmt: skip
    bulk.insert(Event, rows)

    plan = plan_of(lambda: pump.due(now), "loyalty_event")

    assert "events_to_enter" in plan
    assert not reads_all_of("loyalty_event", plan)


def test_a_book_of_cards_and_customers_reads_only_theirs(aurora_card: Card, now: datetime) -> None:
    customers = [Customer(first_name=f"Number {n}") for n in range(MANY)]
    bulk.insert(Customer, customers)
    cards = [
        Card(serial=f"s{n}", code=f"c{n}", number=f"{n}", program=aurora_card.program, customer=who)
        for n, who in enumerate(customers)
    ]
    bulk.insert(Card, cards)
    bulk.insert(Account, [Account(card=card, unit="points") for card in cards])

    def open_a_book() -> None:
        with ledger.open(cards=[aurora_card.pk], customers=[customers[0].pk], now=now) as book:
            assert set(book.cards) == {aurora_card.pk, cards[0].pk}

    plan = plan_of(open_a_book, "loyalty_account")

    assert not reads_all_of("loyalty_account", plan)
    assert not reads_all_of("loyalty_card", plan)
