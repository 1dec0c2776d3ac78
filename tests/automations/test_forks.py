"""Switch and split, walked by the pump."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from automations import portable, publishing
from automations.models import Automation, Journey, StepRun
from automations.steps.split import Split
from loyalty import customers
from loyalty.models import Customer, Event
from tests.automations.chains import GIVE_FIVE, history, run, tag, wave, working
from tests.cast import BY_STAFF, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


def crowd(n: int, now: datetime) -> list[Customer]:
    people = [person(now, external_id=f"c{i}") for i in range(n)]
    Event.objects.update(entered_at=now)
    return people


def all_wave(people: list[Customer], now: datetime, key: str) -> None:
    for one in people:
        wave(one, now, f"{key}-{one.pk}")
    run(now)


def lane(key: str) -> list[dict[str, Any]]:
    return [{"key": key, **tag(key)}]


# --- Switch ---------------------------------------------------------------------------------------


def switch(*cases: tuple[str, Any]) -> dict[str, Any]:
    return {
        "key": "s",
        "type": "switch",
        "cases": [{"branch": name, "filter": tree} for name, tree in cases],
        "branches": {name: lane(name) for name in [*(name for name, _tree in cases), "else"]},
    }


@pytest.mark.parametrize(
    ("name", "goes"), [("Dora", "first"), ("Dorothy", "second"), ("Alice", "else")]
)
def test_the_first_case_that_holds_is_the_way(
    regular: Customer, now: datetime, name: str, goes: str
) -> None:
    customers.change(regular, {"first_name": name}, cause=BY_STAFF, now=now)
    fork = switch(
        ("first", ["customer.first_name", "=", "Dora"]),
        ("second", ["customer.first_name", "starts_with", "Dor"]),
    )
    working([fork, *lane("after")], now)
    wave(regular, now)

    run(now)

    journey = Journey.objects.get()
    assert history(journey) == [("s", "done"), (goes, "done"), ("after", "done")]
    labels = {"first": "First", "second": "Second", "else": "Otherwise"}
    assert StepRun.objects.get(step_key="s").note == labels[goes]


def test_a_switch_of_twelve_ways_asks_many_at_once(now: datetime) -> None:
    people = crowd(39, now)
    cases = [(f"w{n}", ["event.data.way", "=", n]) for n in range(12)]
    working([switch(*cases)], now)
    for at, one in enumerate(people):
        wave(one, now, f"wave-{at}", way=at % 13)

    run(now)

    went = Counter(StepRun.objects.exclude(step_key="s").values_list("step_key", flat=True))
    assert went == {**{f"w{n}": 3 for n in range(12)}, "else": 3}


# --- Split ----------------------------------------------------------------------------------------


def split(now: datetime, *, slug: str = "chain", **step: Any) -> Automation:
    return working([{"key": "s", "type": "split", **step}], now, slug=slug)


def ways() -> dict[str, str]:
    """Where each subject went, as it is written in the journeys' history."""
    runs = StepRun.objects.filter(type="split").select_related("journey").order_by("pk")
    return {run.journey.subject: run.result["branch"] for run in runs}


def test_the_same_person_goes_the_same_way_every_time_and_in_every_version(now: datetime) -> None:
    people = crowd(40, now)
    automation = split(now, shares={"a": 50, "b": 50})
    all_wave(people, now, "1")
    first = ways()

    portable.read(portable.write(automation) | {"name": "Anew"}, now=now)
    publishing.publish(automation, now=now)
    all_wave(people, now, "2")

    assert Journey.objects.values("version").distinct().count() == 2
    assert ways() == first
    assert 8 < Counter(first.values())["a"] < 32


def test_another_step_splits_otherwise(now: datetime) -> None:
    people = crowd(40, now)
    both = [{"key": key, "type": "split", "shares": {"a": 50, "b": 50}} for key in ("one", "other")]
    working(both, now)
    all_wave(people, now, "1")

    went: dict[str, list[str]] = {}
    for each in StepRun.objects.order_by("journey_id"):
        went.setdefault(each.step_key, []).append(each.result["branch"])

    assert went["one"] != went["other"]


def drawn(shares: dict[str, int]) -> list[str]:
    """Where each of the hundred numbers goes."""
    step = Split(shares=[{"branch": name, "share": share} for name, share in shares.items()])
    return [step.way_at(spot) for spot in range(100)]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({"a": 50, "b": 50}, {"a": 50, "b": 50}, 0),
        ({"a": 50, "b": 50}, {"b": 50, "a": 50}, 0),
        ({"a": 50, "b": 50}, {"a": 60, "b": 40}, 10),
        ({"a": 50, "b": 50}, {"a": 100, "b": 0}, 50),
        ({"a": 40, "b": 30, "c": 30}, {"a": 40, "b": 40, "c": 20}, 10),
        ({"a": 50, "b": 50}, {"a": 50, "b": 30, "c": 20}, 20),
    ],
)
def test_a_change_of_shares_moves_few(
    before: dict[str, int], after: dict[str, int], moved: int
) -> None:
    pairs = zip(drawn(before), drawn(after), strict=True)

    assert sum(one != other for one, other in pairs) == moved
    assert Counter(drawn(after)) == {name: share for name, share in after.items() if share}


def test_the_control_group_leaves_first_and_is_counted(now: datetime) -> None:
    people = crowd(60, now)
    fork = {"key": "s", "type": "split", "shares": {"a": 50, "b": 50}, "holdout": 40}
    working([fork, *lane("after")], now)

    all_wave(people, now, "1")

    went = ways()
    out = {subject for subject, way in went.items() if way == "holdout"}
    assert 10 < len(out) < 40
    assert set(went.values()) == {"a", "b", "holdout"}
    for journey in Journey.objects.all():
        if journey.subject in out:
            assert (journey.state, journey.note, history(journey)) == (
                "finished",
                "Held out as the control group.",
                [("s", "done")],
            )
        else:
            assert history(journey) == [("s", "done"), ("after", "done")]


def test_who_is_held_out_says_nothing_about_who_goes_where(now: datetime) -> None:
    people = crowd(60, now)
    automation = split(now, shares={"a": 50, "b": 50})
    all_wave(people, now, "1")
    before = ways()

    document = portable.write(automation)
    document["steps"][0]["holdout"] = 30
    portable.read(document, now=now)
    publishing.publish(automation, now=now)
    all_wave(people, now, "2")

    after = ways()
    assert {after[one] for one in after if after[one] != before[one]} == {"holdout"}


# --- All together ---------------------------------------------------------------------------------


def test_a_thousand_steps_with_wide_forks_come_in_are_published_and_walked(
    regular: Customer, aurora_card: Any, now: datetime
) -> None:
    names = [f"w{n}" for n in range(12)]
    steps: list[dict[str, Any]] = []
    for n in range(40):
        cases = [(name, ["event.data.way", "=", at]) for at, name in enumerate(names)]
        fork = switch(*cases) | {"key": f"s{n}"}
        fork["branches"] = {
            name: [{"key": f"{name}-{n}", **GIVE_FIVE, "amount": 1}] for name in [*names, "else"]
        }
        steps.append(fork)
        steps += [{"key": f"g{n}-{k}", **GIVE_FIVE, "amount": 1} for k in range(11)]
    automation = working(steps, now)
    assert automation.live
    assert automation.live.steps.count() == 40 * 25
    assert len(portable.write(automation)["steps"]) == 480
    wave(regular, now, way=7)

    run(now)

    journey = Journey.objects.get()
    assert (journey.state, journey.moves) == ("finished", 40 * 13)
    assert journey.step_runs.filter(step_key__startswith="w7-").count() == 40
