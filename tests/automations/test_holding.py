"""Journeys are held, let go and ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from automations import publishing
from automations.engine import journeys
from automations.models import Automation, Journey
from loyalty import cards, customers
from loyalty.causes import Cause
from loyalty.models import Card, Customer, Program
from messaging.models import Message
from tests.automations.chains import EMAIL, GIVE_FIVE, run, wave, working
from tests.cast import balances, give, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def test_back_to_draft_holds_people_and_working_again_lets_them_go_on(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    chain: list[dict[str, Any]] = [
        {"key": "w", "type": "wait", "for": "PT1H"},
        {"key": "a", **GIVE_FIVE},
    ]
    automation = working(chain, now)
    wave(regular, now)
    run(now)

    publishing.pause(automation, now=now)
    run(now + timedelta(hours=2))
    assert Journey.objects.get().state == "held"
    assert balances(aurora_card) == {"points": 0}
    publishing.publish(automation, now=now + timedelta(hours=3))
    run(now + timedelta(hours=3))

    assert Journey.objects.get().state == "finished"
    assert balances(aurora_card) == {"points": 5}


@pytest.mark.django_db(transaction=True)
def test_a_hold_of_many_that_breaks_off_has_stopped_it_all_the_same(
    sender: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journeys, "BITE", 3)
    automation = working([{"key": "w", "type": "wait", "for": "PT1H"}], now)
    for number in range(10):
        wave(person(now, external_id=f"p{number}"), now, f"wave {number}")
    run(now)
    bites = 0

    def power_cut(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal bites
        bites += sql.startswith('UPDATE "automations_journey"')
        if bites == 3:
            raise OperationalError("the power is gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(power_cut), pytest.raises(OperationalError):
        publishing.pause(automation, now=now)

    automation.refresh_from_db()
    assert automation.mode == "draft"
    assert Journey.objects.filter(state="held").count() == 6
    run(now + timedelta(hours=2))
    assert Journey.objects.filter(state="held").count() == 10


def test_a_journey_that_slipped_past_the_hold_is_held_when_it_wakes(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    chain: list[dict[str, Any]] = [
        {"key": "w", "type": "wait", "for": "PT1H"},
        {"key": "a", **GIVE_FIVE},
    ]
    automation = working(chain, now)
    wave(regular, now)
    run(now)
    Automation.objects.filter(pk=automation.pk).update(mode="draft")

    run(now + timedelta(hours=2))

    assert Journey.objects.get().state == "held"
    assert balances(aurora_card) == {"points": 0}


def test_nothing_happens_to_a_customer_who_was_deleted_while_waiting(
    regular: Customer, now: datetime
) -> None:
    working([{"key": "w", "type": "wait", "for": "PT1H"}, {"key": "m", **EMAIL}], now)
    wave(regular, now)
    run(now)

    customers.erase(regular, cause=Cause("staff:1"), now=now)
    run(now + timedelta(hours=2))

    journey = Journey.objects.get()
    assert (journey.state, journey.note) == ("stopped", "The customer was deleted.")
    assert not Message.objects.exists()


def test_a_journey_about_a_card_that_was_deleted_ends(
    dora: Customer, coffee_card: Card, aurora: Program, now: datetime
) -> None:
    trigger = {"type": "stamp_count_reached", "params": {"count": 10}}
    chain: list[dict[str, Any]] = [
        {"key": "w", "type": "wait", "for": "PT1H"},
        {"key": "m", **EMAIL},
    ]
    working(chain, now, trigger=trigger, programs=["coffee"])
    give(coffee_card, 10, "ten", now)
    run(now)

    cards.delete(coffee_card, cause=Cause("staff:1"), now=now)
    run(now + timedelta(hours=2))

    journey = Journey.objects.get()
    assert (journey.state, journey.note) == ("stopped", "The card was deleted.")


def test_everybody_inside_can_be_ended(regular: Customer, now: datetime) -> None:
    automation = working([{"key": "w", "type": "wait", "for": "PT1H"}], now)
    wave(regular, now)
    run(now)

    assert journeys.end(automation, "No longer needed.", now) == 1

    assert run(now + timedelta(hours=2)) == 0
    assert Journey.objects.get().note == "No longer needed."
