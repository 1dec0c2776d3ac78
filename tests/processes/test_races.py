"""Sixteen tills at once on one card. SQLite cannot show a missing lock: it locks the whole file."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.queues import Queue

import pytest
from django.db import DatabaseError, connection, connections, models

from loyalty import ledger
from loyalty.causes import Cause
from loyalty.errors import LoyaltyError
from loyalty.ledger import Kind, Posting
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card, Operation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a race of rows needs row locks"),
]

PROCESSES = 16
ATTEMPTS = 100
WORTH = 500

Work = Callable[[Card, int, datetime], str]


def posting(card: Card, kind: Kind, amount: int, key: str) -> Posting:
    return Posting(
        card_id=card.pk,
        kind=kind,
        key=key,
        actor="token:1",
        cause=Cause("scan"),
        unit="points",
        amount=amount,
    )


def redeem_one(card: Card, number: int, now: datetime) -> str:
    try:
        ledger.post(posting(card, Kind.REDEEM, 1, f"redeem {number}"), now=now)
    except LoyaltyError as refused:
        return refused.code
    except DatabaseError as error:
        return type(error).__name__
    return "redeemed"


def redeem_without_the_lock(card: Card, number: int, now: datetime) -> str:
    models.QuerySet.select_for_update = lambda self, **_how: self  # type: ignore[method-assign]
    return redeem_one(card, number, now)


def at_once(
    work: Work, card: Card, now: datetime, *, processes: int, attempts: int
) -> Counter[str]:
    """Run it in that many real processes, each with keys of its own; what came of each attempt."""
    connections.close_all()
    context = get_context("fork")
    answers: Queue[Counter[str]] = context.Queue()
    barrier = context.Barrier(processes)

    def till(number: int) -> None:
        barrier.wait()
        numbers = range(number * attempts, (number + 1) * attempts)
        answers.put(Counter(work(card, each, now) for each in numbers))
        connections.close_all()

    tills = [context.Process(target=till, args=(number,)) for number in range(processes)]
    for each in tills:
        each.start()
    total: Counter[str] = sum((answers.get(timeout=120) for _ in tills), Counter())
    for each in tills:
        each.join(timeout=30)
    return total


@pytest.fixture
def worth_five_hundred(aurora_card: Card, now: datetime) -> Card:
    ledger.post(posting(aurora_card, Kind.ACCRUE, WORTH, "worth"), now=now)
    return aurora_card


def test_sixteen_tills_spend_five_hundred_points_exactly_once(
    worth_five_hundred: Card, now: datetime
) -> None:
    came = at_once(redeem_one, worth_five_hundred, now, processes=PROCESSES, attempts=ATTEMPTS)

    assert came == {"redeemed": WORTH, "insufficient_balance": PROCESSES * ATTEMPTS - WORTH}
    assert Account.objects.get(card=worth_five_hundred).balance == 0
    assert broken(now) == []


def test_the_race_appears_when_the_lock_is_taken_away(
    worth_five_hundred: Card, now: datetime
) -> None:
    came = at_once(redeem_without_the_lock, worth_five_hundred, now, processes=8, attempts=25)

    assert came["IntegrityError"] > 0, "the second fence was never reached: was there a race?"
    assert Operation.objects.filter(kind="redeem").count() == came["redeemed"]
    assert broken(now) == []
