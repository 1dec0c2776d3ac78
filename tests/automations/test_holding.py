"""Journeys are held, let go and ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import publishing
from automations.engine import journeys
from automations.models import Automation, Journey
from loyalty import cards, customers
from loyalty.causes import Cause
from loyalty.models import Card, Customer, Program
from messaging.models import Message
from tests.automations.chains import EMAIL, GIVE_FIVE, run, wave, working
from tests.cast import balances, give

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
