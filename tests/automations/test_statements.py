"""A batch asks the database as often for many as for few."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations.engine import pump
from automations.models import Journey
from loyalty import cards
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Event, Program
from tests.automations.chains import run, wave, working
from tests.cast import BY_STAFF, give, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

WAIT: dict[str, Any] = {"key": "w", "type": "wait", "for": "P1D"}
REDEEM: dict[str, Any] = {"key": "r", "type": "redeem", "program": "aurora", "amount": 3}
SHARD = 3


def gather(people: int, program: Program, chain: list[dict[str, Any]], now: datetime) -> list[Card]:
    """That many customers with two lots each, inside a chain, all in one shard."""
    working(chain, now, programs=["aurora"])
    found = []
    for n in range(people):
        customer = person(now, email=f"number{n}@example.com")
        card, _made = cards.issue(program, customer, cause=BY_STAFF, now=now)
        for lot in range(2):
            give(card, 2, f"lot {lot} of {n}", now)
        wave(customer, now, f"wave {n}")
        found.append(card)
    Event.objects.update(shard=SHARD)
    run(now)
    return found


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


@pytest.mark.parametrize("people", [2, 15])
def test_many_spend_from_their_lots(people: int, aurora: Program, now: datetime) -> None:
    gather(people, aurora, [WAIT, REDEEM], now)
    tomorrow = now + timedelta(days=2)

    asked = statements(lambda: pump.pump(SHARD, now=tomorrow, budget=0.001))

    assert asked <= 44
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished"}
    assert set(Account.objects.values_list("balance", flat=True)) == {1}
    assert broken(tomorrow) == []


@pytest.mark.parametrize("people", [2, 15])
def test_many_lots_expire(people: int, aurora: Program, now: datetime) -> None:
    aurora.lot_life_days = 1
    aurora.save()
    gather(people, aurora, [WAIT, REDEEM], now)
    tomorrow = now + timedelta(days=2)

    asked = statements(lambda: pump.pump(SHARD, now=tomorrow, budget=0.001))

    assert asked <= 44
    assert set(Account.objects.values_list("balance", flat=True)) == {0}
    assert broken(tomorrow) == []


@pytest.mark.parametrize("people", [2, 15])
def test_many_have_lost_their_card(people: int, aurora: Program, now: datetime) -> None:
    for card in gather(people, aurora, [WAIT, REDEEM], now)[1:]:
        cards.delete(card, cause=BY_STAFF, now=now)
    tomorrow = now + timedelta(days=2)
    run(now)

    asked = statements(lambda: pump.pump(SHARD, now=tomorrow, budget=0.001))

    assert asked <= 44
    notes = Journey.objects.values_list("note", flat=True)
    assert list(notes).count("The card was deleted.") == people - 1
