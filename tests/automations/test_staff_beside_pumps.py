"""Staff change an automation while a pump writes rows that refer to it. SQLite takes turns."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from automations import drafts, portable, publishing
from automations.models import Automation, Decision
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
    "publish": lambda automation, now: publishing.publish(automation, now),
    "edit": lambda automation, now: drafts.delete_step(automation, "w", now=now),
    "import": lambda automation, now: portable.read(portable.write(automation), now=now),
}


@contextmanager
def a_pump_that_refers_to(automation: Automation) -> Iterator[None]:
    """A transaction elsewhere that has written a row of this automation, and goes on."""
    is_written, may_end = threading.Event(), threading.Event()

    def pump() -> None:
        with transaction.atomic():
            event = Event.objects.latest("pk")
            Decision.objects.create(automation=automation, thread="", event=event, verdict="")
            is_written.set()
            may_end.wait(timeout=20)
        connection.close()

    thread = threading.Thread(target=pump)
    thread.start()
    assert is_written.wait(timeout=20)
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

    with a_pump_that_refers_to(automation), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        VERBS[verb](automation, now)
        cursor.execute("RESET lock_timeout")
