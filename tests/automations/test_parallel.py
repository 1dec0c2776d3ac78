"""Branches that are walked at the same time, by the pump; and what stands behind forks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import lint, portable
from automations.models import Journey
from loyalty.models import Customer
from tests.automations.chains import history, run, tag, wave, working
from tests.automations.documents import small

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def lane(key: str) -> list[dict[str, Any]]:
    return [{"key": key, **tag(key)}]


def parallel(**lanes: Any) -> dict[str, Any]:
    return {"key": "p", "type": "parallel", "branches": lanes}


def children(parent: Journey) -> dict[str, Journey]:
    return {child.data["branch"]: child for child in parent.children.all()}


def test_the_chain_goes_on_when_all_branches_have_ended(regular: Customer, now: datetime) -> None:
    late = [{"key": "w", "type": "wait", "for": "PT1H"}, *lane("late")]
    working([parallel(soon=lane("soon"), late=late, none=[]), *lane("after")], now)
    wave(regular, now)

    run(now)
    parent = Journey.objects.get(parent=None)
    assert (parent.state, parent.due_at, history(parent)) == ("waiting", None, [("p", "waiting")])
    assert history(children(parent)["soon"]) == [("soon", "done")]
    regular.refresh_from_db()
    assert regular.tags == ["soon"]
    run(now + timedelta(hours=1))

    parent.refresh_from_db()
    assert parent.state == "finished"
    assert history(parent) == [("p", "waiting"), ("p", "done"), ("after", "done")]
    assert {child.state for child in parent.children.all()} == {"finished"}
    regular.refresh_from_db()
    assert regular.tags == ["soon", "late", "after"]


def test_an_exit_ends_its_branch_alone(regular: Customer, now: datetime) -> None:
    short = [{"key": "x", "type": "exit"}]
    working([parallel(short=short, long=lane("long")), *lane("after")], now)
    wave(regular, now)

    run(now)

    regular.refresh_from_db()
    assert regular.tags == ["long", "after"]
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished"}


def test_forks_stand_in_branches_and_branches_in_forks(regular: Customer, now: datetime) -> None:
    yes = ["customer.first_name", "=", "Dora"]
    inner = {
        "key": "q",
        "type": "parallel",
        "branches": {
            "a": [
                {
                    "key": "c",
                    "type": "condition",
                    "filter": yes,
                    "branches": {"yes": lane("deep"), "no": []},
                },
                *lane("a-end"),
            ],
            "b": lane("b"),
        },
    }
    outer = {
        "key": "o",
        "type": "condition",
        "filter": yes,
        "branches": {"yes": [parallel(one=[inner, *lane("one-end")], two=lane("two"))], "no": []},
    }
    working([outer, *lane("after")], now)
    wave(regular, now)

    run(now)

    regular.refresh_from_db()
    assert sorted(regular.tags) == sorted(["two", "deep", "a-end", "b", "one-end", "after"])
    assert regular.tags.index("one-end") > regular.tags.index("a-end")
    assert regular.tags[-1] == "after"
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished"}
    assert Journey.objects.count() == 5


# --- Before it is published ---------------------------------------------------------------------


def test_what_stands_behind_forks_and_jumps_is_known(now: datetime) -> None:
    out = [{"type": "exit"}]
    halves = {"type": "split", "shares": {"a": 50, "b": 50}}
    every_way_out = halves | {"branches": {"a": out, "b": out}}
    both = parallel(a=out, b=out)
    back = {"type": "goto", "step": "t", "limit": 1}

    def unreachable(*steps: Any) -> list[str]:
        automation = portable.read(small(*steps), now=now)
        assert automation.draft
        return [
            problem.step_key
            for problem in lint.problems(automation.draft)
            if "Nobody comes here" in problem.text
        ]

    assert unreachable({"key": "x", **every_way_out}, *lane("t")) == ["t"]
    assert unreachable(both, *lane("t")) == []
    assert unreachable(*lane("t"), back, *lane("u")) == []
    jump_over = {"type": "condition", "filter": ["customer.points", ">", 1]}
    ahead = jump_over | {"branches": {"yes": [back], "no": []}}
    assert unreachable(ahead, *out, *lane("t"), *lane("u")) == []
    assert unreachable(ahead, *out, *lane("v"), *lane("t")) == ["v"]
