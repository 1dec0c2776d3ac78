"""Events become journeys, or it is written down why not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import publishing
from automations.models import Decision, Journey
from loyalty.models import Card, Customer, Event
from tests.automations.chains import GIVE_FIVE, WAVED, run, wave, working
from tests.cast import balances, give

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def test_ten_stamps_start_what_listens_to_ten_stamps(
    dora: Customer, coffee_card: Card, aurora_card: Card, now: datetime
) -> None:
    trigger = {"type": "stamp_count_reached", "params": {"count": 10}}
    working([{"key": "a", **GIVE_FIVE}], now, trigger=trigger, programs=["coffee"])

    give(coffee_card, 9, "nine", now)
    run(now)
    assert not Journey.objects.exists()
    give(coffee_card, 1, "one", now)
    run(now)

    assert Journey.objects.get().card == coffee_card
    assert balances(aurora_card) == {"points": 5}


def test_twenty_stamps_at_once_are_two_full_rows_and_two_journeys(
    dora: Customer, coffee_card: Card, aurora_card: Card, now: datetime
) -> None:
    trigger = {"type": "stamp_count_reached", "params": {"count": 10}}
    working([{"key": "a", **GIVE_FIVE}], now, trigger=trigger, programs=["coffee"])

    give(coffee_card, 20, "twenty", now)
    run(now)

    assert balances(aurora_card) == {"points": 10}


def test_an_event_enters_once_however_often_the_pump_runs(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    working([{"key": "a", **GIVE_FIVE}], now)
    wave(regular, now)

    run(now)
    Event.objects.update(entered_at=None)
    run(now)

    assert balances(aurora_card) == {"points": 5}
    assert [d.verdict for d in Decision.objects.order_by("pk")] == ["entered", "refused"]


@pytest.mark.parametrize(("again", "times"), [("every_time", 2), ("once", 1)])
def test_who_may_enter_again(
    regular: Customer, aurora_card: Card, now: datetime, again: str, times: int
) -> None:
    working([{"key": "a", **GIVE_FIVE}], now, entry={"again": again})

    for key in ("first", "second"):
        wave(regular, now, key)
        run(now)

    assert balances(aurora_card) == {"points": 5 * times}
    refusals = Decision.objects.filter(verdict="refused").values_list("reason", flat=True)
    assert list(refusals) == ["Entered before."] * (2 - times)


def test_who_is_inside_does_not_enter_a_second_time(regular: Customer, now: datetime) -> None:
    working([{"key": "w", "type": "wait", "for": "P1D"}], now)

    wave(regular, now, "first")
    wave(regular, now, "second")
    run(now)
    run(now + timedelta(days=2))
    wave(regular, now, "third")
    run(now + timedelta(days=2))

    assert Journey.objects.count() == 2
    assert Decision.objects.get(verdict="refused").reason == "Already inside."


def test_the_triggers_condition_decides_and_is_written_down(
    regular: Customer, now: datetime
) -> None:
    trigger = WAVED | {"filter": {"all": [["event.hands", ">=", 2]]}}
    working([{"key": "t", "type": "add_tag", "tag": "keen"}], now, trigger=trigger)

    wave(regular, now, "shy", hands=1)
    wave(regular, now, "keen", hands=2)
    run(now)

    assert Journey.objects.count() == 1
    assert Decision.objects.get(verdict="refused").reason == "The trigger's condition was not met."


def test_a_draft_starts_nothing(regular: Customer, now: datetime) -> None:
    automation = working([{"key": "t", "type": "add_tag", "tag": "keen"}], now)
    publishing.pause(automation, now=now)
    wave(regular, now)

    run(now)

    assert not Journey.objects.exists()


def test_a_chain_that_starts_itself_stops_with_the_reason(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    loop: list[dict[str, Any]] = [
        {"key": "r", "type": "redeem", "program": "aurora", "amount": 10},
        {"key": "a", **GIVE_FIVE, "amount": 10},
    ]
    trigger = {"type": "points_count_reached", "params": {"count": 10}}
    working(loop, now, trigger=trigger, programs=["aurora"])

    give(aurora_card, 10, "ten", now)
    run(now)

    assert Journey.objects.count() == 8
    assert "Loop" in Decision.objects.get(verdict="refused").reason
    assert balances(aurora_card) == {"points": 10}
