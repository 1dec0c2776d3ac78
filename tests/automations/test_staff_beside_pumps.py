"""Staff change an automation while a pump writes rows that refer to it. SQLite takes turns."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from automations import drafts, portable, publishing
from automations.engine import pump
from automations.models import Automation, Decision, Journey
from loyalty.models import Card, Customer, Event
from tests.automations.chains import GIVE_FIVE, run, wave, working

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="it has one writer at a time"),
    pytest.mark.usefixtures("sender"),
]

CHAIN: list[dict[str, Any]] = [
    {"key": "w", "type": "wait", "for": "PT1H"},
    {"key": "a", **GIVE_FIVE},
]
VERBS: dict[str, Callable[[Automation, datetime], object]] = {
    "pause": lambda automation, now: publishing.pause(automation, now=now),
    "publish": lambda automation, now: publishing.publish(automation, now=now),
    "edit": lambda automation, now: drafts.delete_step(automation, "w", now=now),
    "import": lambda automation, now: portable.read(portable.write(automation), now=now),
}


@contextmanager
def elsewhere(work: Callable[[], object]) -> Iterator[None]:
    """It was done in another transaction, which goes on for as long as we are here."""
    is_done, may_end = threading.Event(), threading.Event()

    def other() -> None:
        with transaction.atomic():
            work()
            is_done.set()
            may_end.wait(timeout=20)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert is_done.wait(timeout=20)
    try:
        yield
    finally:
        may_end.set()
        thread.join(timeout=20)


@pytest.mark.parametrize("verb", VERBS)
def test_staff_do_not_wait_for_a_pump_that_refers_to_the_automation(
    verb: str, regular: Customer, aurora_card: Card, now: datetime
) -> None:
    """It would wait for us in turn, as soon as it holds a journey that we want to hold."""
    automation = working(CHAIN, now)
    wave(regular, now)
    run(now)

    def refer() -> None:
        event = Event.objects.latest("pk")
        Decision.objects.create(automation=automation, thread="", event=event, verdict="")

    with elsewhere(refer), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        VERBS[verb](automation, now)
        cursor.execute("RESET lock_timeout")


def test_nobody_is_held_in_an_automation_that_is_being_published(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    automation = working(CHAIN, now)
    wave(regular, now)
    run(now)
    Automation.objects.filter(pk=automation.pk).update(mode="draft")  # the journey slipped past
    later = now + timedelta(hours=2)

    with elsewhere(lambda: publishing.publish(automation, now=later)):
        pump.pump(Journey.objects.get().shard, now=later, budget=0.2)
    run(later)

    assert Journey.objects.get().state == "finished"


def test_whoever_a_pump_holds_is_held_later_and_not_waited_for(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    """It may want the parent of theirs that we hold already."""
    automation = working(CHAIN, now)
    wave(regular, now)
    run(now)

    def walk() -> None:
        list(Journey.objects.select_for_update(no_key=True))

    with elsewhere(walk), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        publishing.pause(automation, now=now)
        cursor.execute("RESET lock_timeout")
    assert Journey.objects.get().state == "waiting"
    run(now + timedelta(hours=2))

    assert Journey.objects.get().state == "held"


def test_while_staff_hold_somebody_the_waits_of_others_end(
    regular: Customer, alice: Customer, aurora_card: Card, now: datetime
) -> None:
    """An event that concerns who is held is not looked at yet; that is no reason to wake nobody."""
    working(CHAIN, now, goal={"event": "waved"})
    for customer in (regular, alice):
        wave(customer, now, f"wave {customer.pk}")
    run(now)
    Journey.objects.update(shard=3)
    Journey.objects.filter(customer=regular).update(due_at=now + timedelta(days=1))
    wave(regular, now, "again")
    Event.objects.filter(key="token:1:again").update(shard=3)

    with elsewhere(
        lambda: list(Journey.objects.filter(customer=regular).select_for_update(no_key=True))
    ):
        pump.pump(3, now=now + timedelta(hours=2), budget=0.2)
        assert Journey.objects.get(customer=alice).state == "finished"
    run(now + timedelta(hours=2))

    assert Journey.objects.filter(customer=regular).earliest("pk").state == "finished"
