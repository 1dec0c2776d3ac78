"""Eight pumps of eight shards draw on one limit at once, and it is met exactly."""

from datetime import datetime
from multiprocessing import get_context

import pytest
from django.db import connection, connections, models

from automations.engine import pump
from automations.engine.limits import ENTRIES, EVER
from automations.models import Decision, Enrolment, Journey, Quota
from loyalty import cards
from loyalty.ledger.audit import broken
from loyalty.models import Entry, Event, Program
from tests.automations.chains import GIVE_FIVE, wave
from tests.automations.ruled import ruled
from tests.cast import BY_STAFF, person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a race of rows needs row locks"),
]

PROCESSES = 8
EVENTS = 200
CAP = 10


@pytest.fixture
def crowd(aurora: Program, now: datetime) -> None:
    """Each with an event of their own, over all shards."""
    for number in range(EVENTS):
        customer = person(now, external_id=f"p{number}")
        cards.issue(aurora, customer, cause=BY_STAFF, now=now)
        wave(customer, now, f"wave {number}")
    Event.objects.exclude(name="waved").update(entered_at=now)


def drain(now: datetime, *, without_the_lock: bool = False) -> None:
    """Real processes, each with shards of its own, that begin at the same moment."""
    connections.close_all()
    context = get_context("fork")
    barrier = context.Barrier(PROCESSES)

    def work(number: int) -> None:
        if without_the_lock:
            models.QuerySet.select_for_update = lambda self, **_how: self  # type: ignore[method-assign]
        barrier.wait()
        while shards := [each for each in pump.due(now) if each % PROCESSES == number]:
            for shard in shards:
                pump.pump(shard, now=now)
        connections.close_all()

    workers = [context.Process(target=work, args=(number,)) for number in range(PROCESSES)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(timeout=120)
    assert [each.exitcode for each in workers] == [0] * PROCESSES


def test_a_cap_of_ten_lets_in_exactly_ten(crowd: None, now: datetime) -> None:
    automation = ruled([{"key": "a", **GIVE_FIVE}], now, thread={"cap": CAP})

    drain(now)

    assert Journey.objects.count() == Enrolment.objects.count() == CAP
    assert Decision.objects.filter(verdict="refused").count() == EVENTS - CAP
    assert Quota.objects.get().used == CAP
    assert automation.counters.total("capped") == EVENTS - CAP
    assert _points() == 5 * CAP


def test_the_race_appears_when_the_lock_is_taken_away(crowd: None, now: datetime) -> None:
    automation = ruled([{"key": "a", **GIVE_FIVE}], now, thread={"cap": CAP})
    Quota.objects.create(automation=automation, thread="main", kind=ENTRIES, period=EVER)

    drain(now, without_the_lock=True)

    assert Journey.objects.count() > CAP


def test_a_budget_is_spent_to_the_point(crowd: None, now: datetime) -> None:
    automation = ruled([{"key": "a", **GIVE_FIVE}], now, budget={"most_points_a_day": 52})

    drain(now)

    assert _points() == Quota.objects.get().used == 50
    assert Journey.objects.filter(state="finished").count() == EVENTS
    assert automation.counters.total("budget") == EVENTS - 10
    assert broken(now) == []


def _points() -> int:
    return sum(Entry.objects.filter(account__unit="points").values_list("amount", flat=True))
