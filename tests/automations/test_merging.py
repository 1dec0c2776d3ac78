"""Journeys follow a customer who is merged into another."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations.models import Enrolment, Journey
from loyalty import cards, merging
from loyalty.models import Card, Customer, Program
from tests.automations.chains import GIVE_FIVE, run, wave, working
from tests.cast import BY_STAFF, balances, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]
CHAIN: list[dict[str, Any]] = [
    {"key": "w", "type": "wait", "for": "PT1H"},
    {"key": "a", **GIVE_FIVE},
]


@pytest.fixture
def other(aurora: Program, now: datetime) -> Customer:
    other = person(now, email="other@example.com")
    cards.issue(aurora, other, cause=BY_STAFF, now=now)
    return other


def test_who_was_inside_goes_on_as_the_other(
    regular: Customer, aurora_card: Card, other: Customer, now: datetime
) -> None:
    working(CHAIN, now)
    wave(other, now)
    run(now)

    merging.merge(other, regular, cause=BY_STAFF, now=now)
    run(now + timedelta(hours=2))

    journey = Journey.objects.get()
    assert (journey.state, journey.customer, journey.subject) == (
        "finished",
        regular,
        regular.subject,
    )
    assert balances(aurora_card) == {"points": 5}
    assert Enrolment.objects.get().subject == regular.subject


def test_of_two_inside_the_same_automation_the_older_goes_on(
    regular: Customer, aurora_card: Card, other: Customer, now: datetime
) -> None:
    working(CHAIN, now)
    wave(other, now)
    run(now)
    wave(regular, now, "another")
    run(now)
    older, newer = Journey.objects.order_by("pk")

    merging.merge(other, regular, cause=BY_STAFF, now=now)
    run(now + timedelta(hours=2))

    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.state, newer.state) == ("finished", "stopped")
    assert newer.note == "Merged with a customer who was inside already."
    assert balances(aurora_card) == {"points": 5}


def test_what_was_not_looked_at_yet_starts_them_as_the_other(
    regular: Customer, aurora_card: Card, other: Customer, now: datetime
) -> None:
    working(CHAIN, now)
    wave(other, now)

    merging.merge(other, regular, cause=BY_STAFF, now=now)
    run(now)

    assert Journey.objects.get().customer == regular
