"""A step that fails harms nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection

from automations.models import Decision, Journey, Step, Trigger
from automations.outcomes import Done, Outcome
from automations.place import Place
from automations.steps.add_tag import AddTag
from automations.steps.condition import Condition
from loyalty import totals
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, history, run, wave, working
from tests.automations.ruled import ruled
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


WAIT = {"key": "w", "type": "wait", "for": "PT1H"}
TAG = {"key": "t", "type": "add_tag", "tag": "seen"}
FORK = {
    "key": "c",
    "type": "condition",
    "filter": ["customer.first_name", "=", "Dora"],
    "branches": {"yes": [], "no": []},
}


@pytest.fixture
def unwritable_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[Customer], None]:
    """A step type with a bug: what it did for that customer is no JSON."""

    def break_for(customer: Customer) -> None:
        def run(self: AddTag, place: Place) -> Outcome:
            return Done(result={"what": object()} if place.customer == customer else {})

        monkeypatch.setattr(AddTag, "run", run)
        monkeypatch.setattr(AddTag, "run_many", Step.run_many)

    return break_for


def test_what_cannot_be_written_is_found_and_harms_nobody_else(
    regular: Customer,
    alice: Customer,
    aurora_card: Card,
    now: datetime,
    unwritable_for: Callable[[Customer], None],
) -> None:
    working([WAIT, TAG, {"key": "a", **GIVE_FIVE}], now)
    for customer in (regular, alice):
        wave(customer, now, f"wave {customer.pk}")
    run(now)
    Journey.objects.update(shard=3)  # so that both are in one batch
    unwritable_for(regular)

    run(now + timedelta(hours=1))

    assert Journey.objects.get(customer=alice).state == "finished"
    journey = Journey.objects.get(customer=regular)
    assert history(journey)[-1] == ("w", "retried")
    assert journey.due_at == now + timedelta(hours=1, seconds=10)
    assert balances(aurora_card) == {"points": 0}


def test_who_fails_in_two_ways_at_once_blocks_nobody(
    regular: Customer, now: datetime, unwritable_for: Callable[[Customer], None]
) -> None:
    """The step that raises is set aside first; then what is left of the journey is unwritable."""
    working([WAIT, TAG, FORK], now)
    wave(regular, now)
    run(now)
    Condition.objects.update(filter={"what": "is this"})
    unwritable_for(regular)

    run(now + timedelta(hours=1))

    journey = Journey.objects.get()
    assert history(journey)[-1] == ("w", "retried")
    assert journey.due_at == now + timedelta(hours=1, seconds=10)


def test_a_condition_that_cannot_be_read_any_more_keeps_out_but_stops_nobody_else(
    regular: Customer, now: datetime
) -> None:
    """What it asks about is gone from the product. All pumps read all that works."""
    broken = working([TAG], now, slug="broken")
    working([{"key": "o", "type": "add_tag", "tag": "other"}], now, slug="sound")
    Trigger.objects.filter(thread__version__automation=broken).update(filter={"what": "is this"})
    wave(regular, now)

    run(now)

    assert Journey.objects.get().automation.slug == "sound"
    refused = broken.decisions.get()
    assert (refused.verdict, refused.reason) == ("refused", "The trigger's condition was not met.")


def test_trouble_of_the_database_is_nobodys_fault(
    regular: Customer, aurora_card: Card, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deadlock, while the key of an entry was looked up: nothing is done, and it is due again."""
    ruled([TAG], now, thread={"again": "once_per_key", "entry_key": "customer.orders_count"})
    wave(regular, now)

    def fails(_customers: object) -> None:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patch:
        patch.setattr(totals, "of", fails)
        with pytest.raises(OperationalError):
            run(now)
    assert not Decision.objects.exists()

    run(now)
    assert Journey.objects.get().state == "finished"


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57014", "08006", "53100"])
def test_what_the_database_refuses_for_a_while_is_tried_again(
    regular: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A lock, a statement that took too long, a full disk: whose step meets it is no culprit."""
    if connection.vendor == "sqlite":
        pytest.skip("These are states of PostgreSQL.")
    working([TAG], now)
    wave(regular, now)

    def fails(_step: AddTag, _places: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    with monkeypatch.context() as patch:
        patch.setattr(AddTag, "run_many", fails)
        with pytest.raises(OperationalError):
            run(now)
    assert not Journey.objects.exists()

    run(now)
    assert Journey.objects.get().state == "finished"
