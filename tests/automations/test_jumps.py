"""Jumps inside a chain, walked by the pump."""

from datetime import datetime
from typing import Any

import pytest

from automations import lint, portable
from automations.models import Journey
from automations.problems import Problem
from loyalty.models import Card, Customer
from tests.automations.chains import GIVE_FIVE, history, run, runs, tag, wave, working
from tests.automations.documents import small
from tests.cast import balances

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

GIVE = {"key": "a", **GIVE_FIVE}


def goto(step: str, limit: int = 3, **more: Any) -> dict[str, Any]:
    return {"key": "g", "type": "goto", "step": step, "limit": limit, **more}


def test_a_jump_goes_back_so_many_times_and_then_on(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    working([GIVE, goto("a", 2), {"key": "z", **tag("after")}], now)
    wave(regular, now)

    run(now)

    journey = Journey.objects.get()
    assert balances(aurora_card) == {"points": 15}
    assert [key for key, _outcome in history(journey)] == ["a", "g", "a", "g", "a", "g", "z"]
    jumps = [said for said in runs(journey) if "ump" in said[1]]
    assert jumps == [
        ("done", "Jump 1 of at most 2"),
        ("done", "Jump 2 of at most 2"),
        ("skipped", "Goes on: it has jumped there 2 times."),
    ]


def test_a_jump_depends_on_its_condition(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    few = ["cards.aurora.points", "<", 10]
    working([GIVE, goto("a", 100, filter=few), {"key": "z", **tag("after")}], now)
    wave(regular, now)

    run(now)

    assert balances(aurora_card) == {"points": 10}
    assert runs(Journey.objects.get())[3] == ("skipped", "Goes on: the condition does not hold.")


def test_a_hundred_jumps_are_walked(regular: Customer, aurora_card: Card, now: datetime) -> None:
    working([GIVE, goto("a", 100)], now)
    wave(regular, now)

    run(now)

    assert Journey.objects.get().state == "finished"
    assert balances(aurora_card) == {"points": 505}


def test_a_jump_out_of_a_branch_skips_what_lies_between(regular: Customer, now: datetime) -> None:
    fork = {
        "key": "c",
        "type": "condition",
        "filter": ["customer.first_name", "=", "Dora"],
        "branches": {"yes": [goto("z", 1)], "no": []},
    }
    working([fork, {"key": "m", **tag("between")}, {"key": "z", **tag("after")}], now)
    wave(regular, now)

    run(now)

    assert [key for key, _outcome in history(Journey.objects.get())] == ["c", "g", "z"]


def test_a_jump_stays_in_its_branch_of_a_parallel(
    regular: Customer, aurora_card: Card, now: datetime
) -> None:
    both = {"type": "parallel", "branches": {"x": [GIVE, goto("a", 1)], "y": []}}
    working([both, {"key": "z", **tag("after")}], now)
    wave(regular, now)

    run(now)

    assert balances(aurora_card) == {"points": 10}
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished"}


def found(now: datetime, *steps: Any) -> list[Problem]:
    automation = portable.read(small(*steps), now=now)
    assert automation.draft
    return [each for each in lint.problems(automation.draft) if each.step_key == "g"]


A = {"key": "a", "type": "add_tag", "tag": "seen"}


def test_where_a_jump_may_not_go(now: datetime) -> None:
    def both(*lane: Any) -> dict[str, Any]:
        return {"type": "parallel", "branches": {"x": list(lane), "y": []}}

    [itself] = found(now, A, goto("g"))
    [gone] = found(now, A, goto("b"))
    [into] = found(now, both(A), goto("a"))
    [out] = found(now, A, both(goto("a")))
    [nowhere] = found(now, A, goto("a", filter=["card.points", ">", 1], limit=1))

    assert itself.text == "It jumps to itself."
    assert gone.text == "The step it jumps to is gone."
    assert into.text == out.text == "No step jumps into or out of a parallel branch."
    assert "never has a value here" in nowhere.text
    assert found(now, both(A, goto("a"))) == []
    fork = {"type": "condition", "filter": ["customer.points", ">", 1]}
    assert found(now, fork | {"branches": {"yes": [A], "no": []}}, goto("a")) == []
