"""A step that fails harms nobody else."""

from datetime import datetime, timedelta

import pytest

from automations.models import Journey
from automations.steps.condition import Condition
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, history, run, wave, working
from tests.cast import balances

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def test_a_step_that_fails_is_tried_again_and_harms_nobody_else(
    regular: Customer, alice: Customer, aurora_card: Card, now: datetime
) -> None:
    fork = {
        "key": "c",
        "type": "condition",
        "filter": {"all": [["customer.first_name", "=", "Dora"]]},
        "branches": {"yes": [], "no": []},
    }
    working([{"key": "a", **GIVE_FIVE}, fork], now, slug="broken")
    working([{"key": "a", **GIVE_FIVE}], now, slug="sound")
    Condition.objects.update(filter={"what": "is this"})
    for customer in (regular, alice):
        wave(customer, now, f"wave {customer.pk}")

    run(now)

    for journey in Journey.objects.filter(automation__slug="broken"):
        assert history(journey) == [("a", "done"), ("c", "retried")]
        assert journey.due_at == now + timedelta(seconds=10)
    assert set(
        Journey.objects.filter(automation__slug="sound").values_list("state", flat=True)
    ) == {"finished"}
    assert broken(now) == []


def test_a_step_that_keeps_failing_stops_its_journey_with_a_note(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    fork = {
        "key": "c",
        "type": "condition",
        "filter": {"all": [["customer.first_name", "=", "Dora"]]},
        "branches": {"yes": [], "no": []},
    }
    working([{"key": "w", "type": "wait", "for": "PT1H"}, fork, {"key": "a", **GIVE_FIVE}], now)
    Condition.objects.update(filter={"what": "is this"})
    wave(regular, now)

    for hour in range(1, 10):
        run(now + timedelta(hours=2 * hour))

    journey = Journey.objects.get()
    assert journey.state == "stopped"
    assert journey.note.startswith("Something went wrong here")
    assert [outcome for _key, outcome in history(journey)].count("retried") == 4
    assert balances(aurora_card) == {"points": 0}
