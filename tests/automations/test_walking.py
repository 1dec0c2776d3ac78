"""Journeys walk: by the pump that workers run."""

from datetime import datetime, timedelta

import pytest

from automations.engine import pump
from automations.models import Counter, Journey, StepRun
from loyalty.events import SHARDS
from loyalty.ledger.audit import broken
from loyalty.models import Card, Customer, Operation, Program
from messaging.models import Message
from tests.automations.chains import EMAIL, GIVE_FIVE, history, run, wave, working
from tests.cast import balances, give

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


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
    assert [run.note for run in waiting.step_runs.all()][:2] == [
        "Until 2026-03-04 05:00 EST",
        "The wait is over.",
    ]
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
