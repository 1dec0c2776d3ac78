"""Publishing a new version while people stand in an older one: every choice does what it says."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from automations import changes, portable, publishing
from automations.changes import Chain, Change
from automations.engine import moving
from automations.models import Automation, Journey, StepRun
from automations.models import Counter as Counted
from automations.problems import Invalid
from loyalty import customers
from loyalty.customers import Details
from loyalty.models import Customer, Event
from tests.automations.chains import WAVED, run, wave, working
from tests.cast import BY_STAFF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

WAYS = ("finish", "move", "restart", "skip", "exit")
EACH = 20


def tag(key: str, name: str) -> dict[str, Any]:
    return {"key": key, "type": "add_tag", "tag": name}


def wait(key: str, time: str = "P1D") -> dict[str, Any]:
    return {"key": key, "type": "wait", "for": time}


def document(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "slug": "chain", "name": "chain", "triggers": [WAVED], "steps": [*steps]}


def crossroads(length: str, end: str) -> list[dict[str, Any]]:
    """Everybody waits at a step of their own, named for what will be chosen for them."""
    cases = [{"branch": way, "filter": ["customer.tags", "has", way]} for way in WAYS]
    branches = {way: [wait(way, length), tag(f"t-{way}", f"{end} {way}")] for way in WAYS}
    fork = {"key": "s", "type": "switch", "cases": cases, "branches": {**branches, "else": []}}
    return [fork, tag("after", f"{end} after")]


@pytest.fixture
def crowd(db: None, now: datetime) -> Callable[..., list[Customer]]:
    """`crowd(20, "vip")` makes customers with that tag, and lets them in."""

    def make(n: int, tag: str) -> list[Customer]:
        made = []
        for at in range(n):
            details = Details(email=f"{tag}{at}@example.com", first_name=f"{tag}{at}")
            customer, _made = customers.join(details, cause=BY_STAFF, now=now)
            Customer.objects.filter(pk=customer.pk).update(tags=[tag])
            made.append(customer)
        Event.objects.exclude(name="waved").update(entered_at=now)
        for customer in made:
            wave(customer, now, key=f"{tag}-{customer.pk}")
        return made

    return make


def tags(way: str) -> Counter[tuple[str, ...]]:
    found = Customer.objects.filter(email__startswith=way).values_list("tags", flat=True)
    return Counter(tuple(each) for each in found)


def states(**which: Any) -> Counter[tuple[str, int, str]]:
    found = Journey.objects.filter(**which).values_list("state", "version__number", "step_key")
    return Counter(found)


def test_a_hundred_people_parked_in_a_wait_go_where_it_was_chosen(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(EACH, way)
    run(now)
    hour = now + timedelta(hours=1)
    assert states() == {("waiting", 1, way): EACH for way in WAYS}

    portable.read(document(*crossroads("P3D", "new")), now=hour)
    automation.refresh_from_db()
    inside = publishing.standing(automation)
    choices = {way: way for way in WAYS} | {"skip": "skip_to:after"}
    publishing.publish(automation, choices=choices, now=hour)

    # Asked for everybody, since every wait has changed; and each is where it was chosen.
    assert [(row.key, row.people, row.change) for row in inside.asked] == [
        (way, EACH, "changed") for way in WAYS
    ]
    assert states() == {
        ("waiting", 1, "finish"): EACH,
        ("waiting", 2, "move"): EACH,
        ("waiting", 2, "restart"): EACH,
        ("waiting", 2, "after"): EACH,
        ("stopped", 1, "exit"): EACH,
    }
    due = dict(Journey.objects.values_list("step_key", "due_at"))
    day = timedelta(days=1)
    assert due == {
        "finish": now + day,  # what is left of it
        "move": now + day,
        "restart": hour,
        "after": hour,
        "exit": None,
    }

    run(hour)  # who begins a step anew waits for three days from now on, who skipped is through
    run(now + day)
    assert tags("finish") == {("finish", "old finish", "old after"): EACH}
    assert tags("move") == {("move", "new move", "new after"): EACH}
    assert tags("restart") == {("restart",): EACH}
    assert tags("skip") == {("skip", "new after"): EACH}
    assert tags("exit") == {("exit",): EACH}

    run(hour + 3 * day)
    assert tags("restart") == {("restart", "new restart", "new after"): EACH}
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished", "stopped"}


def test_each_of_them_can_read_in_their_history_what_became_of_them(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(1, way)
    run(now)
    before = dict(Journey.objects.values_list("step_key", "moves"))

    portable.read(document(*crossroads("P3D", "new")), now=now)
    choices = {way: way for way in WAYS} | {"skip": "skip_to:after"}
    publishing.publish(automation, choices=choices, now=now)

    newest = StepRun.objects.order_by("pk")[sum(before.values()) :]
    said = {run.step_key: (run.outcome, run.note) for run in newest}
    assert said == {
        "move": ("waiting", "Goes on in version 2."),
        "restart": ("retried", "Begins this step again in version 2."),
        "skip": ("skipped", "Left out from here on: version 2 goes on elsewhere."),
        "exit": ("stopped", "Taken out when version 2 was published."),
    }
    # The number of a move names its effects, so none is given twice.
    numbers = StepRun.objects.values_list("journey", "moves")
    assert len(set(numbers)) == len(numbers)
    assert Journey.objects.get(state="stopped").note == "Taken out when version 2 was published."
    assert Counted.objects.total("stopped") == 1


def test_without_a_choice_everybody_finishes_in_the_version_they_are_in(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    crowd(3, "move")
    run(now)

    portable.read(document(*crossroads("P3D", "new")), now=now)
    publishing.publish(automation, now=now)

    assert states() == {("waiting", 1, "move"): 3}


def test_all_may_be_moved_but_whose_step_is_gone_finishes(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(2, way)
    run(now)
    new = crossroads("P1D", "old")
    del new[0]["branches"]["restart"][0]

    portable.read(document(*new), now=now)
    automation.refresh_from_db()
    inside = publishing.standing(automation)
    publishing.publish(automation, choices={"all": "move", "exit": "exit"}, now=now)

    assert [(row.key, row.change) for row in inside.asked] == [("restart", "removed")]
    assert inside.others == 8
    assert states() == {
        ("waiting", 2, "finish"): 2,
        ("waiting", 2, "move"): 2,
        ("waiting", 1, "restart"): 2,
        ("waiting", 2, "skip"): 2,
        ("stopped", 1, "exit"): 2,
    }


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"nothing": "move"}, "choices.nothing"),
        ({"w": "moves"}, "choices.w"),
        ({"w": "skip_to"}, "choices.w"),
        ({"w": "skip_to:nothing"}, "choices.w"),
        ({"w": "skip_to:inner"}, "choices.w"),
        ({"w": "move:t"}, "choices.w"),
        ({"w": "move"}, "choices.w"),
        ({"w": "restart"}, "choices.w"),
        ({"all": "exit"}, "choices.all"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_published(
    now: datetime, choices: dict[str, str], path: str
) -> None:
    automation = working([wait("w"), tag("t", "old")], now)
    inner = {"a": [wait("inner")], "b": [tag("u", "b")]}
    parallel = {"key": "p", "type": "parallel", "branches": inner}
    portable.read(document(tag("t", "new"), parallel), now=now)

    with pytest.raises(Invalid) as refusal:
        publishing.publish(automation, choices=choices, now=now)

    assert set(refusal.value.fields) == {path}
    fresh = Automation.objects.get()
    assert fresh.live == automation.live
    assert fresh.draft is not None


def test_publishing_again_with_the_same_choices_goes_on_where_it_stopped(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working([wait("w"), tag("t", "old")], now)
    crowd(4, "vip")
    run(now)
    portable.read(document(wait("w", "P2D"), tag("t", "new")), now=now)
    publishing.publish(automation, now=now)  # as if it had stopped before the first bite

    publishing.publish(automation, choices={"w": "move"}, now=now)
    publishing.publish(automation, choices={"w": "move"}, now=now)

    assert states() == {("waiting", 2, "w"): 4}
    assert StepRun.objects.filter(note="Goes on in version 2.").count() == 4


def test_many_bites_take_everybody_once(
    crowd: Callable[..., list[Customer]], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BITE", 3)
    automation = working([wait("w"), tag("t", "old")], now)
    crowd(10, "vip")
    run(now)
    portable.read(document(wait("w", "P2D"), tag("t", "new")), now=now)

    publishing.publish(automation, choices={"w": "restart"}, now=now)

    assert states() == {("waiting", 2, "w"): 10}
    assert StepRun.objects.filter(outcome="retried").count() == 10


# --- Held people, other types, other threads ------------------------------------------------------


def test_whoever_is_held_moves_first_and_is_let_go_then(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working([wait("w"), tag("t", "old")], now)
    crowd(2, "vip")
    run(now)
    publishing.pause(automation, now=now)
    late = now + timedelta(days=2)
    portable.read(document(wait("w"), tag("t", "new")), now=late)

    publishing.publish(automation, choices={"all": "move"}, now=late)
    run(late)

    assert automation.is_working
    assert tags("vip") == {("vip", "new"): 2}


def test_who_moves_to_a_step_of_another_type_begins_it_when_the_wait_is_over(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working([wait("w")], now)
    crowd(1, "vip")
    run(now)
    portable.read(document(tag("w", "new")), now=now)

    publishing.publish(automation, choices={"w": "move"}, now=now)
    run(now)
    assert tags("vip") == {("vip",): 1}

    run(now + timedelta(days=1))
    assert tags("vip") == {("vip", "new"): 1}


def test_who_moves_into_another_thread_is_inside_that_one(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working([wait("w")], now)
    crowd(1, "vip")
    run(now)
    threads = [
        {"key": "main", "triggers": [WAVED], "steps": [tag("t", "x")]},
        {"key": "late", "triggers": [WAVED], "steps": [wait("w")]},
    ]
    frame = {"format": 1, "slug": "chain", "name": "chain"}
    portable.read({**frame, "threads": threads}, now=now)

    publishing.publish(automation, choices={"w": "move"}, now=now)

    assert Journey.objects.get().thread == "late"


# --- Parallel branches ----------------------------------------------------------------------------


def parallel(**branches: Any) -> dict[str, Any]:
    return {"key": "p", "type": "parallel", "branches": branches}


def family() -> list[tuple[str, str, int]]:
    found = Journey.objects.order_by("pk").values_list("step_key", "state", "version__number")
    return list(found)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("finish", [("p", "waiting", 1), ("a", "waiting", 1), ("b", "waiting", 1)]),
        ("move", [("p", "waiting", 2), ("a", "waiting", 2), ("b", "stopped", 1)]),
        ("skip_to:t", [("t", "waiting", 2), ("a", "stopped", 1), ("b", "stopped", 1)]),
        ("restart", [("p", "waiting", 2), ("a", "stopped", 1), ("b", "stopped", 1)]),
        ("exit", [("p", "stopped", 1), ("a", "stopped", 1), ("b", "stopped", 1)]),
    ],
)
def test_branches_go_with_the_journey_they_belong_to(
    crowd: Callable[..., list[Customer]],
    now: datetime,
    choice: str,
    expected: list[tuple[str, str, int]],
) -> None:
    automation = working([parallel(a=[wait("a")], b=[wait("b")]), tag("t", "old")], now)
    crowd(1, "vip")
    run(now)
    changed = parallel(a=[wait("a", "P2D")], b=[wait("other")])
    portable.read(document(changed, tag("t", "new")), now=now)
    automation.refresh_from_db()
    inside = publishing.standing(automation)

    publishing.publish(automation, choices={"p": choice}, now=now)

    assert [(row.key, row.people, row.change) for row in inside.asked] == [("p", 1, "changed")]
    assert family() == expected
    run(now + timedelta(days=3))
    run(now + timedelta(days=6))
    journey = Journey.objects.get(parent=None)
    assert journey.state == ("stopped" if choice == "exit" else "finished")


def test_who_loses_all_branches_goes_on_after_them(
    crowd: Callable[..., list[Customer]], now: datetime
) -> None:
    automation = working([parallel(a=[wait("a")], b=[wait("b")]), tag("t", "old")], now)
    crowd(1, "vip")
    run(now)
    changed = parallel(a=[tag("c", "c")], b=[tag("d", "d")])
    portable.read(document(changed, tag("t", "new")), now=now)

    publishing.publish(automation, choices={"p": "move"}, now=now)
    run(now)

    assert tags("vip") == {("vip", "new"): 1}
    assert Journey.objects.get(parent=None).state == "finished"


# --- What differs ---------------------------------------------------------------------------------


def differ(now: datetime, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> dict[str, str]:
    automation = working(old, now)
    portable.read(document(*new), now=now)
    automation.refresh_from_db()
    assert automation.live
    assert automation.draft
    found = changes.between(Chain(automation.live), Chain(automation.draft))
    return {key: str(change) for key, change in found.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([wait("a"), tag("b", "x")], [wait("a"), tag("b", "x")], {}),
        ([wait("a")], [tag("n", "x"), wait("a")], {"n": Change.ADDED}),
        ([wait("a"), wait("b")], [wait("b")], {"a": Change.REMOVED}),
        ([wait("a")], [wait("a", "P2D")], {"a": Change.CHANGED}),
        ([wait("a")], [tag("a", "x")], {"a": Change.CHANGED}),
        (
            [wait("a"), wait("b"), wait("c")],
            [wait("c"), wait("a"), wait("b")],
            {"c": Change.MOVED},
        ),
        (
            [parallel(a=[wait("a")], b=[wait("b")])],
            [parallel(a=[wait("a"), wait("b")], b=[])],
            {"b": Change.MOVED},
        ),
    ],
)
def test_a_step_is_the_same_added_gone_changed_or_moved(
    now: datetime,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    expected: dict[str, str],
) -> None:
    assert differ(now, old, new) == expected
