"""Captures, voids and the deadline at the same moment: exactly one of them wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from loyalty import holds
from loyalty.errors import LoyaltyError
from loyalty.ledger.audit import broken
from loyalty.models import Card, Hold, Operation
from tests.cast import give
from tests.loyalty.claims import capture, claim, void
from tests.loyalty.postings import held
from tests.loyalty.shop import told

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
PRICE = 50
TICK = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _one_writer_needs_no_test():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time; PostgreSQL is what this is about.")


def winners(*acts: Callable[[], object]) -> int:
    """How many were not refused, each in a thread and a connection of its own."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> int:
        try:
            gate.wait()
            act()
        except LoyaltyError:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sum(pool.map(run, acts))


def test_of_all_who_settle_a_claim_one_wins(rich: Card, now: datetime):
    just_before = now + timedelta(days=1) - TICK
    for turn in range(ROUNDS):
        claimed = claim(rich, now, f"claim {turn}")
        names = [f"{turn} {name}" for name in "abcd"]

        won = winners(
            partial(capture, claimed, just_before, names[0]),
            partial(void, claimed, just_before, names[1]),
            partial(capture, claimed, just_before, names[2]),
            partial(void, claimed, just_before, names[3]),
        )

        assert won == 1
        claimed.refresh_from_db()
        assert Operation.objects.filter(key__in=names).count() == 1
        if claimed.state == "captured":
            give(rich, PRICE, f"again {turn}", now)
    _agree(rich, just_before)


def test_of_a_capture_and_the_deadline_one_wins(rich: Card, now: datetime):
    for turn in range(ROUNDS):
        claimed = claim(rich, now, f"claim {turn}")

        winners(
            partial(capture, claimed, claimed.until - TICK, f"{turn} captured"),
            partial(holds.void_overdue, 10, now=claimed.until),
            partial(holds.void_overdue, 10, now=claimed.until),
        )

        claimed.refresh_from_db()
        assert claimed.state != "open"
        if claimed.state == "captured":
            give(rich, PRICE, f"again {turn}", now)
    _agree(rich, now)


def _agree(card: Card, now: datetime) -> None:
    """Handed over as often as told, given back as often as reversed, and the sum is right."""
    captured = Hold.objects.filter(state="captured").count()
    assert Hold.objects.filter(state="voided").count() == ROUNDS - captured
    assert told("reward_redeemed").count() == captured
    assert Operation.objects.filter(kind="capture").count() == captured
    assert Operation.objects.filter(kind="reverse").count() == ROUNDS - captured
    assert held(card) == {"points": 100}
    assert broken(now) == []
