"""Who is held, who changes threads, and who has branches, when a new version is published."""

from datetime import datetime, timedelta

import pytest

from automations import portable, publishing
from automations.models import Journey
from tests.automations.chains import WAVED, run, working
from tests.automations.versions import Crowd, document, let_in, parallel, tag, tags, wait

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]


@pytest.fixture
def crowd(now: datetime) -> Crowd:
    """`crowd(20, "vip")` lets in customers with that tag."""
    return lambda n, tag: let_in(n, tag, now)


def test_whoever_is_held_moves_first_and_is_let_go_then(crowd: Crowd, now: datetime) -> None:
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
    crowd: Crowd, now: datetime
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


def test_who_moves_into_another_thread_is_inside_that_one(crowd: Crowd, now: datetime) -> None:
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
    crowd: Crowd,
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


def test_who_loses_all_branches_goes_on_after_them(crowd: Crowd, now: datetime) -> None:
    automation = working([parallel(a=[wait("a")], b=[wait("b")]), tag("t", "old")], now)
    crowd(1, "vip")
    run(now)
    changed = parallel(a=[tag("c", "c")], b=[tag("d", "d")])
    portable.read(document(changed, tag("t", "new")), now=now)

    publishing.publish(automation, choices={"p": "move"}, now=now)
    run(now)

    assert tags("vip") == {("vip", "new"): 1}
    assert Journey.objects.get(parent=None).state == "finished"
