"""Somebody is erased while a pump is about to write to them. SQLite takes turns."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from automations.engine import pump
from automations.models import Journey
from loyalty import customers
from loyalty.models import Card, Customer
from messaging.models import Message
from tests.automations.chains import EMAIL, run, wave, working
from tests.cast import BY_STAFF

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="it has one writer at a time"),
    pytest.mark.usefixtures("sender"),
]

WAITING_FOR_A_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR_A_LOCK)
        return bool(cursor.fetchone()[0])


def test_nothing_of_whoever_is_erased_meanwhile_is_written_down(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    """The pump had claimed the journey before, and waits for the accounts until all is gone."""
    working([{"key": "w", "type": "wait", "for": "PT1H"}, {"key": "m", **EMAIL}], now)
    wave(regular, now)
    run(now)
    shard = Journey.objects.get().shard

    def wake() -> None:
        pump.pump(shard, now=now + timedelta(hours=2), budget=0)
        connection.close()

    waker = threading.Thread(target=wake)
    with transaction.atomic():
        customers.erase(regular, cause=BY_STAFF, now=now)
        waker.start()
        end = time.monotonic() + 4
        while not somebody_waits() and time.monotonic() < end:
            time.sleep(0.02)
    waker.join(timeout=20)

    assert list(Message.objects.values_list("names", flat=True)) == []
    assert Journey.objects.get().note == "The customer was deleted."
