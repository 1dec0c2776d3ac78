"""The verbs of the editor: each changes the draft and nothing else."""

import pytest

from automations import drafts, portable, publishing
from automations.lanes import DEEPEST, Lane
from automations.models import Automation, Step
from automations.problems import Invalid
from automations.steps.add_tag import AddTag
from automations.versions import lanes_of, threads_of
from loyalty.errors import NotFound

MAIN = Lane()
TAG = {"type": "add_tag", "tag": "x"}


@pytest.fixture
def forked(chain):
    """a, c(yes: y1 y2, no: n1), z"""
    return chain(
        {"key": "a", **TAG},
        {
            "key": "c",
            "type": "condition",
            "filter": ["customer.points", ">", 1],
            "branches": {
                "yes": [{"key": "y1", **TAG}, {"key": "y2", **TAG}],
                "no": [{"key": "n1", **TAG}],
            },
        },
        {"key": "z", "type": "exit"},
    )


def draft_of(automation):
    draft = Automation.objects.get(pk=automation.pk).draft
    assert draft
    return draft


def drawn(automation):
    """The chain in reading order, forks with their branches in brackets; positions have no gap."""
    lanes = lanes_of(draft_of(automation))

    def lane(fork, branch):
        steps = lanes.at(fork, branch)
        assert [step.position for step in steps] == list(range(len(steps)))
        return [step.key + inside(step) for step in steps]

    def inside(step):
        branches = (f"{name}: {' '.join(lane(step, name))}".strip() for name in step.branches)
        return f"({', '.join(branches)})" if step.branches else ""

    return " ".join(lane(None, "main"))


CHAIN = "a c(yes: y1 y2, no: n1) z"


# --- The automation -------------------------------------------------------------------------------


def test_a_new_automation_has_an_empty_draft_and_a_slug_of_its_own(db, now):
    first = drafts.new_automation("Welcome, friends!", now=now)
    second = drafts.new_automation("Welcome friends", now=now)
    third = drafts.new_automation("歓迎", now=now)

    slugs = [first.slug, second.slug, third.slug]
    assert slugs == ["welcome-friends", "welcome-friends-2", "automation"]
    assert drawn(first) == ""
    assert not first.is_working
    assert threads_of(draft_of(first))[0].key == "main"


def test_settings_are_those_of_the_draft(forked, coffee, now):
    live = publishing.publish(forked, now=now)

    drafts.change_settings(forked, name="New", label="x", programs=[coffee], now=now)
    drafts.set_entry(forked, {"again": "once"}, now=now)

    written = portable.write(Automation.objects.get(pk=forked.pk))
    assert (written["name"], written["label"]) == ("New", "x")
    assert (written["programs"], written["entry"]["again"]) == (["coffee"], "once")
    assert list(live.programs.all()) == []


# --- Steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lane", "position", "becomes"),
    [
        (MAIN, 0, "add-tag-1 a c(yes: y1 y2, no: n1) z"),
        (MAIN, 2, "a c(yes: y1 y2, no: n1) add-tag-1 z"),
        (MAIN, 99, "a c(yes: y1 y2, no: n1) z add-tag-1"),
        (Lane("c", "yes"), 1, "a c(yes: y1 add-tag-1 y2, no: n1) z"),
        (Lane("c", "no"), -5, "a c(yes: y1 y2, no: add-tag-1 n1) z"),
    ],
)
def test_a_step_is_put_where_it_was_wanted(forked, now, lane, position, becomes):
    step = drafts.add_step(forked, lane, position, "add_tag", {"tag": "vip"}, now=now)

    assert drawn(forked) == becomes
    assert AddTag.objects.get(pk=step.pk).tag == "vip"


def test_keys_are_never_used_twice(forked, now):
    first = drafts.add_step(forked, MAIN, 0, "exit", {}, now=now)
    drafts.add_step(forked, MAIN, 0, "exit", {}, now=now)
    drafts.delete_step(forked, "exit-1", now=now)

    third = drafts.add_step(forked, MAIN, 0, "exit", {}, now=now)

    assert (first.key, third.key) == ("exit-1", "exit-3")


@pytest.mark.parametrize(
    ("type", "values", "field"),
    [
        ("add_tag", {"tag": ""}, "tag"),
        ("add_tag", {"colour": "red"}, "colour"),
        ("add_tag", {"position": 3}, "position"),
        ("accrue", {"unit": "points", "amount": 0}, "amount"),
        ("accrue", {"unit": "miles", "amount": 1}, "unit"),
        ("condition", {"filter": ["customer.shoe", "=", 1]}, "filter"),
        ("wait", {"days": 0}, ""),
        ("magic", {}, "type"),
    ],
)
def test_a_step_that_does_not_fit_is_refused_by_field(forked, now, type, values, field):
    with pytest.raises(Invalid) as refusal:
        drafts.add_step(forked, MAIN, 0, type, values, now=now)

    assert field in refusal.value.fields
    assert drawn(forked) == CHAIN


@pytest.mark.parametrize("lane", [Lane("nobody", "yes"), Lane("c", "maybe"), Lane("", "other")])
def test_there_is_no_adding_to_a_lane_that_is_not_there(forked, now, lane):
    with pytest.raises(NotFound):
        drafts.add_step(forked, lane, 0, "exit", {}, now=now)

    assert drawn(forked) == CHAIN


def test_a_step_is_changed_in_its_columns(forked, now):
    drafts.change_step(forked, "y1", {"tag": "new"}, now=now)

    with pytest.raises(Invalid):
        drafts.change_step(forked, "y1", {"tag": ""}, now=now)
    with pytest.raises(NotFound):
        drafts.change_step(forked, "nobody", {"tag": "new"}, now=now)
    assert AddTag.objects.get(key="y1").tag == "new"


@pytest.mark.parametrize(
    ("key", "by", "becomes"),
    [
        ("z", -1, "a z c(yes: y1 y2, no: n1)"),
        ("a", 1, "c(yes: y1 y2, no: n1) a z"),
        ("c", -1, "c(yes: y1 y2, no: n1) a z"),
        ("y2", -1, "a c(yes: y2 y1, no: n1) z"),
        ("a", -1, CHAIN),
        ("z", 1, CHAIN),
        ("n1", 1, CHAIN),
    ],
)
def test_a_step_moves_up_and_down_in_its_lane(forked, now, key, by, becomes):
    drafts.shift_step(forked, key, by, now=now)

    assert drawn(forked) == becomes


@pytest.mark.parametrize(
    ("key", "lane", "position", "becomes"),
    [
        ("a", Lane("c", "no"), 1, "c(yes: y1 y2, no: n1 a) z"),
        ("y1", MAIN, 0, "y1 a c(yes: y2, no: n1) z"),
        ("y1", Lane("c", "no"), 0, "a c(yes: y2, no: y1 n1) z"),
        ("c", MAIN, 2, "a z c(yes: y1 y2, no: n1)"),
        ("a", MAIN, 0, CHAIN),
        ("a", MAIN, 2, "c(yes: y1 y2, no: n1) z a"),
    ],
)
def test_a_step_moves_to_any_lane_with_all_below_it(forked, now, key, lane, position, becomes):
    drafts.move_step(forked, key, lane, position, now=now)

    assert drawn(forked) == becomes


def test_a_fork_cannot_be_moved_into_its_own_branches(forked, now):
    with pytest.raises(Invalid):
        drafts.move_step(forked, "c", Lane("c", "yes"), 0, now=now)

    assert drawn(forked) == CHAIN


def test_forks_cannot_be_drawn_deeper_than_allowed(forked, now):
    values = {"filter": ["customer.points", ">", 1]}
    lane = Lane("c", "yes")
    for _level in range(DEEPEST - 1):
        lane = Lane(drafts.add_step(forked, lane, 0, "condition", values, now=now).key, "yes")
    before = drawn(forked)

    with pytest.raises(Invalid):
        drafts.add_step(forked, lane, 0, "condition", values, now=now)
    drafts.add_step(forked, MAIN, 0, "condition", values, now=now)
    with pytest.raises(Invalid):
        drafts.move_step(forked, "c", Lane("condition-20", "yes"), 0, now=now)

    drafts.delete_step(forked, "condition-20", now=now)
    assert drawn(forked) == before


def test_a_fork_is_deleted_with_all_below_it(forked, now):
    gone = drafts.delete_step(forked, "c", now=now)

    assert gone == ["c", "y1", "y2", "n1"]
    assert drawn(forked) == "a z"
    assert Step.objects.count() == 2


# --- Triggers -------------------------------------------------------------------------------------


def test_triggers_are_added_replaced_and_removed(forked, now):
    drafts.set_trigger(forked, "order_paid", {}, ["order.total", ">", 100], now=now)
    drafts.set_trigger(forked, "stamp_count_reached", {"count": 6}, position=0, now=now)

    triggers = portable.write(forked)["triggers"]
    assert triggers == [
        {"type": "stamp_count_reached", "params": {"count": 6}},
        {"type": "order_paid", "params": {}, "filter": ["order.total", ">", 100]},
    ]

    drafts.remove_trigger(forked, 0, now=now)

    assert portable.write(forked)["triggers"] == triggers[1:]
    assert threads_of(draft_of(forked))[0].triggers.get().position == 0


@pytest.mark.parametrize(
    ("type", "params", "filter", "path"),
    [
        ("birthday", {}, None, "type"),
        ("stamp_count_reached", {"count": 0}, None, "params.count"),
        ("card_scanned", {}, {"any": [["order.total", ">", 1]]}, "filter.any[0]"),
    ],
)
def test_a_trigger_that_does_not_fit_is_refused_by_path(forked, now, type, params, filter, path):
    before = portable.write(forked)

    with pytest.raises(Invalid) as refusal:
        drafts.set_trigger(forked, type, params, filter, now=now)

    assert set(refusal.value.fields) == {path}
    assert portable.write(forked) == before


def test_a_trigger_that_is_not_there_cannot_be_touched(forked, now):
    with pytest.raises(NotFound):
        drafts.remove_trigger(forked, 3, now=now)
    with pytest.raises(NotFound):
        drafts.set_trigger(forked, "order_paid", {}, position=3, now=now)

    assert len(portable.write(forked)["triggers"]) == 1


# --- What is live ---------------------------------------------------------------------------------


def test_the_first_change_copies_what_is_live_and_leaves_it_alone(forked, now):
    live = publishing.publish(forked, now=now)
    before = portable.write(forked, live)

    drafts.delete_step(forked, "c", now=now)

    assert drawn(forked) == "a z"
    assert draft_of(forked).number == live.number + 1
    assert portable.write(forked, live) == before
    assert {"a", "z"} == set(draft_of(forked).steps.values_list("key", flat=True))


def test_a_refused_first_change_leaves_no_draft_behind(forked, now):
    publishing.publish(forked, now=now)

    with pytest.raises(NotFound):
        drafts.delete_step(forked, "nobody", now=now)

    forked.refresh_from_db()
    assert forked.draft is None
    assert forked.versions.count() == 1
