"""The rules of a version and its threads: read, written, copied, set by hand, and linted."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from automations import drafts, lint, portable, publishing
from automations.lanes import Lane
from automations.models import Automation, Thread
from automations.problems import Invalid
from loyalty.models import Location
from tests.automations.conftest import Chain
from tests.automations.documents import small

EXIT = {"key": "x", "type": "exit"}
PAID = {"event": "order_paid", "filter": ["order.total", ">=", 2000]}
FULL: dict[str, Any] = {
    "format": 1,
    "slug": "full",
    "name": "Full",
    "label": "",
    "programs": ["coffee"],
    "starts_at": "2026-12-01T08:00:00Z",
    "ends_at": "2026-12-24T17:00:00Z",
    "platforms": ["shopify", "counter"],
    "locations": ["harbour", "station"],
    "goal": PAID,
    "exits": [
        {"event": "card_deleted"},
        {"event": "left town", "filter": ["event.far", "=", True]},
    ],
    "limits": {"points_per_day": 500, "messages_per_day": None},
    "threads": [
        {
            "key": "main",
            "name": "Paid",
            "triggers": [{"type": "order_paid", "params": {}}],
            "entry": {
                "again": "once_per_key",
                "key": "order.key",
                "if_inside": "parallel",
                "cap": 9,
            },
            "steps": [{"key": "w", "type": "wait", "for": "P1D"}, {"key": "x", "type": "exit"}],
        },
        {
            "key": "scans",
            "name": "",
            "triggers": [{"type": "card_scanned", "params": {}}],
            "entry": {"again": "once_per_days", "days": 30, "if_inside": "restart", "cap": None},
            "steps": [{"key": "t", "type": "add_tag", "tag": "vip"}],
        },
    ],
}


@pytest.fixture
def full(shop: Any) -> dict[str, Any]:
    for slug in ("harbour", "station"):
        Location.objects.create(name=slug.title(), slug=slug)
    return deepcopy(FULL)


def texts(automation: Automation) -> list[str]:
    assert automation.draft
    return [problem.text for problem in lint.problems(automation.draft)]


# --- Documents ------------------------------------------------------------------------------------


def test_all_rules_come_out_as_they_went_in(full: dict[str, Any], now: datetime) -> None:
    automation = portable.read(full, now=now)

    written = portable.write(automation)

    assert written == full
    assert portable.write(portable.read(written, now=now)) == full


def test_an_edit_of_what_is_live_copies_every_rule(full: dict[str, Any], now: datetime) -> None:
    automation = portable.read(full, now=now)
    publishing.publish(automation, now=now)

    drafts.rename_thread(automation, "Paid", now=now)  # as it was called

    assert automation.draft != automation.live
    assert portable.write(automation, automation.draft) == full


def test_threads_without_keys_get_the_same_ones_every_time(shop: Any, now: datetime) -> None:
    thread = {"triggers": [{"type": "card_scanned"}], "steps": [{"type": "exit"}]}
    document = {"format": 1, "slug": "t", "name": "T", "threads": [thread, thread]}

    portable.read(document, now=now)
    again = portable.read(document, now=now)

    threads = portable.write(again)["threads"]
    assert [thread["key"] for thread in threads] == ["main", "thread-2"]
    assert [thread["steps"][0]["key"] for thread in threads] == ["exit-1", "exit-2"]


# --- Verbs ----------------------------------------------------------------------------------------


def test_each_rule_is_set_by_its_verb(shop: Any, chain: Chain, now: datetime) -> None:
    harbour = Location.objects.create(name="Harbour", slug="harbour")
    automation = chain(EXIT, trigger="order_paid")
    starts, ends = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)

    drafts.set_schedule(automation, starts_at=starts, ends_at=ends, now=now)
    drafts.set_scope(automation, platforms=["shopify"], locations=[harbour], now=now)
    drafts.set_goal(automation, PAID, now=now)
    drafts.set_exit(automation, {"event": "card_deleted"}, now=now)
    drafts.set_limits(automation, messages_per_day=7, now=now)
    entry = {"again": "once_per_days", "days": 3, "cap": 5}
    drafts.set_entry(automation, entry, now=now)

    written = portable.write(Automation.objects.get())
    times = (written["starts_at"], written["ends_at"])
    assert times == ("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
    assert (written["platforms"], written["locations"]) == (["shopify"], ["harbour"])
    assert (written["goal"], written["exits"]) == (PAID, [{"event": "card_deleted"}])
    assert written["limits"] == {"points_per_day": None, "messages_per_day": 7}
    assert written["entry"] == {**entry, "if_inside": "ignore"}


def test_what_does_not_fit_is_refused_and_changes_nothing(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT)
    before = portable.write(automation)
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("again", lambda: drafts.set_entry(automation, {"again": "twice"}, now=now)),
        ("starts_at", lambda: drafts.set_schedule(automation, starts_at="soon", now=now)),
        ("platforms[0]", lambda: drafts.set_scope(automation, platforms=[""], now=now)),
        ("event", lambda: drafts.set_goal(automation, {"event": ""}, now=now)),
        ("event", lambda: drafts.set_exit(automation, {}, now=now)),
        ("points_per_day", lambda: drafts.set_limits(automation, points_per_day=-1, now=now)),
    ]

    for path, attempt in attempts:
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert set(refusal.value.fields) == {path}

    assert portable.write(Automation.objects.get()) == before


def test_limits_hold_without_publishing(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT, publish=True)

    drafts.set_limits(automation, points_per_day=100, now=now)

    fresh = Automation.objects.get()
    assert (fresh.most_points_a_day, fresh.draft) == (100, None)


def test_an_exit_rule_is_changed_and_removed_by_its_place(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT)

    drafts.set_exit(automation, {"event": "order_paid"}, now=now)
    drafts.set_exit(automation, {"event": "card_deleted"}, now=now)
    drafts.set_exit(automation, {"event": "card_scanned"}, position=0, now=now)
    drafts.remove_exit(automation, 1, now=now)

    assert portable.write(Automation.objects.get())["exits"] == [{"event": "card_scanned"}]


# --- Threads --------------------------------------------------------------------------------------


def test_a_thread_is_added_named_filled_and_taken_away(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT)

    thread = drafts.add_thread(automation, now=now)
    drafts.rename_thread(automation, "Paid", thread=thread.key, now=now)
    drafts.set_trigger(automation, "order_paid", {}, thread=thread.key, now=now)
    lane = Lane("", thread.key)
    step = drafts.add_step(automation, lane, 0, "add_tag", {"tag": "vip"}, now=now)

    first, second = portable.write(Automation.objects.get())["threads"]
    assert (first["key"], first["triggers"][0]["type"]) == ("main", "card_scanned")
    assert (second["name"], second["triggers"][0]["type"]) == ("Paid", "order_paid")
    assert [each["key"] for each in second["steps"]] == [step.key]

    assert drafts.delete_thread(automation, thread.key, now=now) == [step.key]

    assert "threads" not in portable.write(Automation.objects.get())
    assert drafts.add_thread(automation, now=now).key == thread.key  # never published: free again


def test_the_last_thread_stays(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT)

    with pytest.raises(Invalid):
        drafts.delete_thread(automation, "main", now=now)

    assert Thread.objects.get().key == "main"


def test_a_key_that_a_published_thread_had_is_not_given_again(chain: Chain, now: datetime) -> None:
    automation = chain(EXIT)
    thread = drafts.add_thread(automation, now=now)
    drafts.set_trigger(automation, "order_paid", {}, thread=thread.key, now=now)
    lane = Lane("", thread.key)
    drafts.add_step(automation, lane, 0, "add_tag", {"tag": "vip"}, now=now)
    publishing.publish(automation, now=now)

    drafts.delete_thread(automation, thread.key, now=now)

    assert drafts.add_thread(automation, now=now).key != thread.key


# --- Lint -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"},
            "It ends before",
        ),
        ({"platforms": ["shopify"]}, "no trigger is about an order"),
        ({"entry": {"again": "once_per_days"}}, "in how many days"),
        ({"entry": {"again": "once_per_key"}}, "Choose the field"),
        ({"entry": {"again": "once_per_key", "key": "order.key"}}, "“order.key” never has a value"),
        (
            {"programs": ["coffee"], "goal": {"event": "x", "filter": ["card.points", ">", 1]}},
            "Goal: “card.points” never has a value",
        ),
        (
            {
                "programs": ["coffee"],
                "exits": [{"event": "x"}, {"event": "x", "filter": ["card.points", ">", 1]}],
            },
            "Reason to leave: “card.points” never has a value",
        ),
    ],
)
def test_a_rule_that_cannot_work_is_a_problem(
    shop: Any, now: datetime, document: dict[str, Any], words: str
) -> None:
    automation = portable.read(small(EXIT, **document), now=now)

    found = texts(automation)

    assert [words in text for text in found] == [True]
    with pytest.raises(Invalid):
        publishing.publish(automation, now=now)


@pytest.mark.parametrize(
    "document",
    [
        {"platforms": ["shopify"], "triggers": [{"type": "order_paid"}]},
        {"entry": {"again": "once_per_key", "key": "card.number"}},
        {"goal": {"event": "order_paid", "filter": ["order.total", ">", 1]}},
        {"exits": [{"event": "moved", "filter": ["event.anything", "=", 1]}]},
        {
            "platforms": ["api"],
            "entry": {"again": "once_per_key", "key": "event.data.booking"},
            "triggers": [{"type": "external_event", "params": {"names": ["booked"]}}],
        },
    ],
)
def test_a_rule_that_can_work_is_none(shop: Any, now: datetime, document: dict[str, Any]) -> None:
    assert texts(portable.read(small(EXIT, **document), now=now)) == []


def test_with_several_threads_each_problem_says_in_which_it_is(
    full: dict[str, Any], now: datetime
) -> None:
    full["threads"][1] |= {"triggers": [], "steps": []}

    found = texts(portable.read(full, now=now))

    assert found == ["Start 2: Choose what starts it.", "Start 2: It has no steps yet."]


def test_a_step_counts_on_the_triggers_of_its_own_thread(
    full: dict[str, Any], now: datetime
) -> None:
    tree = ["order.total", ">", 1]
    ask = {"type": "condition", "filter": tree, "branches": {"yes": [], "no": []}}
    for at, thread in enumerate(full["threads"]):
        thread["steps"].insert(0, {"key": f"ask{at}", **ask})
    automation = portable.read(full, now=now)

    assert automation.draft
    found = [(each.step_key, each.thread) for each in lint.problems(automation.draft)]

    assert found == [("ask1", "scans")]
