"""Events become journeys, journeys walk: on real input, by the pump that workers run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from automations import portable, publishing
from automations.engine import journeys, pump
from automations.models import Automation, Counter, Decision, Journey, StepRun
from automations.steps.condition import Condition
from loyalty import cards, customers, events
from loyalty.causes import Cause
from loyalty.events import SHARDS
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer, Event, Operation, Program
from messaging.models import Message, Sender
from tests.cast import balances, give

pytestmark = pytest.mark.django_db

WAVED = {"type": "external_event", "params": {"names": ["waved"]}}
GIVE_FIVE = {"type": "accrue", "program": "aurora", "unit": "points", "amount": 5}
EMAIL = {
    "type": "send_email",
    "subject": "Hello {{ customer.first_name }}",
    "body": "You have {{ cards.aurora.points }} points.",
}


@pytest.fixture(autouse=True)
def sender(db: None) -> Sender:
    return Sender.objects.create(
        name="Outbox", provider="outbox", from_address="shop@example.com", is_default=True
    )


@pytest.fixture
def regular(dora: Customer, aurora_card: Card) -> Customer:
    """Dora with an empty aurora card; what happened so far is not looked at any more."""
    Event.objects.update(entered_at=datetime(2026, 1, 1, tzinfo=UTC))
    return dora


def working(
    steps: list[dict[str, Any]],
    now: datetime,
    *,
    trigger: dict[str, Any] = WAVED,
    slug: str = "chain",
    **more: Any,
) -> Automation:
    document = {"format": 1, "slug": slug, "name": slug, "triggers": [trigger], "steps": steps}
    automation = portable.read(document | more, now=now)
    publishing.publish(automation, now=now)
    automation.refresh_from_db()
    return automation


def wave(customer: Customer, now: datetime, key: str = "wave", **data: Any) -> None:
    """An event from outside, as the API writes it."""
    Event.objects.create(
        name="waved",
        key=f"token:1:{key}",
        shard=events.shard_of(customer.subject),
        customer=customer,
        data=data,
        cause="api:1",
        occurred_at=now,
        created_at=now,
    )


def run(now: datetime) -> int:
    """Pump every shard until nothing is due; says how much was handled."""
    handled = 0
    while due := pump.due(now):
        handled += sum(pump.pump(shard, now=now) for shard in due)
    return handled


def history(journey: Journey) -> list[tuple[str, str]]:
    return list(StepRun.objects.filter(journey=journey).values_list("step_key", "outcome"))


# --- Walking --------------------------------------------------------------------------------------


def test_a_chain_waits_and_goes_on(regular: Customer, aurora_card: Card, now: datetime) -> None:
    working([{"key": "w", "type": "wait", "for": "P1D"}, {"key": "a", **GIVE_FIVE}], now)
    wave(regular, now)

    run(now)
    waiting = Journey.objects.get()
    assert (waiting.state, waiting.step_key, balances(aurora_card)) == (
        "waiting",
        "w",
        {"points": 0},
    )
    tomorrow = now + timedelta(days=1)
    assert pump.due(tomorrow - timedelta(seconds=1)) == []
    run(tomorrow)

    waiting.refresh_from_db()
    assert waiting.state == "finished"
    assert history(waiting) == [("w", "waiting"), ("w", "done"), ("a", "done")]
    assert balances(aurora_card) == {"points": 5}
    assert broken(now) == []


@pytest.mark.parametrize(("points", "branch"), [(0, "few"), (100, "many")])
def test_a_fork_takes_one_branch_and_the_chain_goes_on_after_it(
    regular: Customer, aurora_card: Card, now: datetime, points: int, branch: str
) -> None:
    if points:
        give(aurora_card, points, "given", now)
    fork = {
        "key": "c",
        "type": "condition",
        "filter": {"all": [["cards.aurora.points", ">=", 100]]},
        "branches": {
            "yes": [{"key": "many", "type": "add_tag", "tag": "rich"}],
            "no": [{"key": "few", "type": "add_tag", "tag": "poor"}],
        },
    }
    working([fork, {"key": "after", "type": "add_tag", "tag": "seen"}], now)
    wave(regular, now)

    run(now)

    assert history(Journey.objects.get()) == [("c", "done"), (branch, "done"), ("after", "done")]
    regular.refresh_from_db()
    assert set(regular.tags) == {"rich" if points else "poor", "seen"}


def test_a_branch_that_met_an_exit_does_not_go_on(regular: Customer, now: datetime) -> None:
    fork = {
        "key": "c",
        "type": "condition",
        "filter": {"all": [["customer.first_name", "=", "Dora"]]},
        "branches": {"yes": [{"key": "x", "type": "exit"}], "no": []},
    }
    working([fork, {"key": "after", "type": "add_tag", "tag": "seen"}], now)
    wave(regular, now)

    run(now)

    journey = Journey.objects.get()
    assert (journey.state, history(journey)) == ("finished", [("c", "done"), ("x", "done")])


def test_a_later_step_sees_what_an_earlier_one_did(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    fork = {
        "key": "c",
        "type": "condition",
        "filter": {"all": [["cards.aurora.points", "=", 5]]},
        "branches": {"yes": [{"key": "m", **EMAIL}], "no": []},
    }
    working([{"key": "a", **GIVE_FIVE}, fork], now)
    wave(regular, now)

    run(now)

    message = Message.objects.get()
    assert message.names == {"customer.first_name": "Dora", "cards.aurora.points": 5}
    assert message.key == f"journey:{Journey.objects.get().pk}:2"


def test_without_such_a_card_a_step_is_skipped_with_a_reason(
    bob: Customer, aurora: Program, now: datetime
) -> None:
    working([{"key": "a", **GIVE_FIVE}], now)
    wave(bob, now)

    run(now)

    assert StepRun.objects.get().outcome == "skipped"
    assert StepRun.objects.get().note
    assert not Operation.objects.exists()


def test_a_chain_of_a_thousand_steps_runs_in_one_go(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    working([{"key": f"s{n}", **GIVE_FIVE, "amount": 1} for n in range(1000)], now)
    wave(regular, now)

    run(now)

    assert Journey.objects.get().moves == 1000
    assert balances(aurora_card) == {"points": 1000}
    assert broken(now) == []


# --- Entering -------------------------------------------------------------------------------------


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


# --- Holding, ending ------------------------------------------------------------------------------


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


# --- What fails -----------------------------------------------------------------------------------


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


# --- Counting -------------------------------------------------------------------------------------


def test_launches_and_steps_are_counted(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    automation = working([{"key": "a", **GIVE_FIVE}], now)

    for n in range(3):
        wave(regular, now, f"wave {n}")
    run(now)

    counted = Counter.objects.filter(automation=automation)
    assert {(c.step_key, c.metric): c.n for c in counted} == {
        ("", "launched"): 3,
        ("", "finished"): 3,
        ("a", "reached"): 3,
        ("a", "done"): 3,
    }


def test_every_shard_is_asked_and_none_is_due_in_a_quiet_house(db: None, now: datetime) -> None:
    assert pump.due(now) == []
    assert [pump.pump(shard, now=now) for shard in range(SHARDS)] == [0] * SHARDS
