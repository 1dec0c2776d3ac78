"""Purchases, looks and staff's hands in several processes: each tier is reached, and told, once."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import pytest
from django.db import connection, connections

from loyalty import tiers
from loyalty.customers import Who
from loyalty.models import Customer, Event
from loyalty.tiers import rules
from loyalty.tiers.looking import Look
from tests.cast import person
from tests.loyalty.ladders import ladder, look, tier_of
from tests.loyalty.shop import paid

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a race of rows needs row locks"),
]

Work = Callable[[int, list[int], datetime], None]

PEOPLE = 5
TILLS, KEEPERS, LOOKERS = 2, 2, 2
PURCHASES = 10  # of 40.00, at each till: 800.00 in all, and gold is 600.00


def sell(number: int, people: list[int], now: datetime) -> None:
    for turn in range(PURCHASES):
        for pk in people:
            paid(now, 4_000, key=f"{number}:{turn}:{pk}", customer=Who(id=pk), placed_at=now)


def keep(number: int, people: list[int], now: datetime) -> None:
    """Takes turns with the other."""
    for _turn in range(60):
        tiers.keep(0, now=now, budget=0.05)


def look_at_all(number: int, people: list[int], now: datetime) -> None:
    """Beside whoever's turn it is: the customers' locks alone keep them apart."""
    ladder_now = rules.read()
    assert ladder_now
    for turn in range(60):
        Look(ladder_now, now).at(people[:: 1 if turn % 2 else -1], locks_all=turn % 3 == 0)


def test_each_tier_is_reached_once(business, now):
    ladder(now)
    people = [person(now, email=f"n{n}@example.com").pk for n in range(PEOPLE)]

    _at_once([*[sell] * TILLS, *[keep] * KEEPERS, *[look_at_all] * LOOKERS], people, now)
    look(now)

    assert {tier_of(customer) for customer in Customer.objects.all()} == {"gold"}
    told = Event.objects.filter(name="tier_changed").values_list("customer_id", "data__after")
    once = {(pk, tier): 1 for pk in people for tier in ("bronze", "silver", "gold")}
    assert Counter(told) == once


def _at_once(works: list[Work], people: list[int], now: datetime) -> None:
    connections.close_all()
    context = get_context("fork")
    barrier = context.Barrier(len(works))

    def work(number: int) -> None:
        barrier.wait()
        works[number](number, people, now)
        connections.close_all()

    started: list[BaseProcess] = [
        context.Process(target=work, args=(number,)) for number in range(len(works))
    ]
    for each in started:
        each.start()
    for each in started:
        each.join(timeout=120)
    assert [each.exitcode for each in started] == [0] * len(works)
