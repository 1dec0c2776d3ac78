"""What nobody can hear is not looked at; whatever anybody may hear is."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import portable, publishing
from automations.engine import pump
from automations.models import Version
from loyalty import events
from loyalty.models import Customer, Event
from tests.automations.chains import GIVE_FIVE, run, tag, wave, working
from tests.automations.versions import document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

GIVE = {"key": "g", **GIVE_FIVE}
GOAL = {"event": "balance_changed"}


def line(name: str) -> int:
    """How many events of that name a later batch has to look at, before any does."""
    return Event.objects.filter(name=name, entered_at=None).count()


def one_batch(customer: Customer, now: datetime, key: str = "wave") -> None:
    """What it tells is for a later one."""
    wave(customer, now, key)
    pump.pump(events.shard_of(customer.subject), now=now, budget=0)


def test_what_nobody_listens_to_counts_as_looked_at(regular: Customer, now: datetime) -> None:
    working([GIVE], now)

    one_batch(regular, now)

    told = Event.objects.get(name="balance_changed")
    assert (told.data["amount"], told.entered_at) == (5, now)
    assert regular.cards.get().accounts.get(unit="points").balance == 5


def test_a_trigger_hears(regular: Customer, now: datetime) -> None:
    working([GIVE], now)
    listens = {"type": "points_count_reached", "params": {"count": 5}}
    working([{"key": "t", **tag("heard")}], now, trigger=listens, slug="listener")

    one_batch(regular, now)
    assert line("balance_changed") == 1

    run(now)
    regular.refresh_from_db()
    assert regular.tags == ["heard"]


def test_a_wait_of_an_older_version_hears(regular: Customer, now: datetime) -> None:
    waits = {
        "key": "w",
        "type": "wait_for_event",
        "event": "balance_changed",
        "timeout": "P1D",
        "branches": {"happened": [{"key": "t", **tag("heard")}], "timed_out": []},
    }
    automation = working([waits], now)
    wave(regular, now)
    run(now)
    portable.read(document({"key": "n", **tag("new")}), now=now)
    publishing.publish(automation, now=now)
    working([GIVE], now, slug="giver")

    one_batch(regular, now + timedelta(hours=1), "again")
    assert line("balance_changed") == 1

    run(now + timedelta(hours=1))
    regular.refresh_from_db()
    assert regular.tags == ["heard"]


@pytest.mark.parametrize("way", ["goal", "exits"])
def test_a_way_out_hears(regular: Customer, now: datetime, way: str) -> None:
    rule = {"event": "balance_changed"}
    leaving: dict[str, Any] = {way: rule if way == "goal" else [rule]}
    working([{"key": "w", "type": "wait", "for": "P3D"}], now, slug="leaver", **leaving)
    working([GIVE], now)

    one_batch(regular, now)

    assert line("balance_changed") == 1


def test_what_was_published_before_that_was_written_down_hears(
    regular: Customer, now: datetime
) -> None:
    working([{"key": "w", "type": "wait", "for": "P3D"}], now, slug="leaver", goal=GOAL)
    working([GIVE], now)
    Version.objects.update(heard_inside=None)

    one_batch(regular, now)

    assert line("balance_changed") == 1
    assert line("tag_added") == 0
