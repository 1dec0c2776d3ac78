"""Hosts whose clocks differ: what is due is the database's to say."""

from datetime import timedelta

import pytest
from django.db import connection

from automations.engine import pump
from automations.models import Journey
from loyalty import clock
from loyalty.events import shard_of
from tests.automations import chains

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is one host's"),
]


@pytest.mark.parametrize("ahead", [timedelta(hours=2), -timedelta(hours=2)])
def test_a_wait_is_as_long_as_it_is_for_the_database(regular, ahead, monkeypatch):
    right = clock.now()
    chains.working([{"key": "w", "type": "wait", "for": "PT1H"}], right)
    chains.wave(regular, right)
    monkeypatch.setattr(clock, "now", lambda: right + ahead)

    pump.pump(shard_of(regular.subject))

    journey = Journey.objects.get()
    assert journey.due_at is not None
    assert abs(journey.due_at - right - timedelta(hours=1)) < timedelta(minutes=1)
    assert pump.pump(shard_of(regular.subject)) == 0
    assert Journey.objects.get().state == "waiting"
