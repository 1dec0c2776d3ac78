"""Portable documents: what is wrong is named with its path, and then nothing was written."""

from copy import deepcopy

import pytest

from automations import portable
from automations.lanes import DEEPEST
from automations.models import Automation, Step, Thread, Trigger, Version
from automations.problems import Invalid
from messaging.models import Sender
from tests.automations.documents import nested, small

EXIT = {"type": "exit"}


def refused(document):
    """The paths of what is wrong; nothing was written."""
    before = [model.objects.count() for model in (Automation, Version, Thread, Trigger, Step)]
    with pytest.raises(Invalid) as refusal:
        portable.read(document)
    after = [model.objects.count() for model in (Automation, Version, Thread, Trigger, Step)]
    assert after == before
    return refusal.value.fields


def test_forks_nested_deeper_are_refused_with_their_path(shop):
    path = "steps[0]" + ".branches.yes[0]" * DEEPEST + ".branches.yes"

    found = refused(small(nested(DEEPEST + 1)))

    assert path in found


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"format": 2}, "format"),
        ({"format": True}, "format"),
        ({"slug": "no spaces"}, "slug"),
        ({"slug": None}, "slug"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "\x00"}, "name"),
        ({"label": 3}, "label"),
        ({"colour": "red"}, "colour"),
        ({"starts_at": "2026-01-01"}, "starts_at"),
        ({"starts_at": "2026-01-01T00:00:00"}, "starts_at"),
        ({"ends_at": 1767225600}, "ends_at"),
        ({"platforms": "shopify"}, "platforms"),
        ({"platforms": ["shopify", ""]}, "platforms[1]"),
        ({"locations": ["harbour"]}, "locations[0]"),
        ({"locations": "harbour"}, "locations"),
        ({"goal": "order_paid"}, "goal"),
        ({"goal": {}}, "goal.event"),
        ({"goal": {"event": ""}}, "goal.event"),
        ({"goal": {"event": "order_paid", "why": 1}}, "goal.why"),
        ({"goal": {"event": "birthday"}}, "goal.event"),
        ({"goal": {"event": "card_scanned", "filter": ["order.total", ">", 1]}}, "goal.filter"),
        ({"exits": {}}, "exits"),
        ({"exits": [{"event": "order_paid"}, {"filter": None}]}, "exits[1].event"),
        (
            {"exits": [{"event": "order_paid", "filter": {"all": [["order.size", ">", 1]]}}]},
            "exits[0].filter.all[0]",
        ),
        ({"limits": []}, "limits"),
        ({"limits": {"points_per_day": 0}}, "limits.points_per_day"),
        ({"limits": {"emails": 3}}, "limits.emails"),
        ({"programs": ["tea"]}, "programs[0]"),
        ({"programs": "coffee"}, "programs"),
        ({"programs": [{}]}, "programs[0]"),
        ({"entry": {"again": "twice"}}, "entry.again"),
        ({"entry": {"again": None}}, "entry.again"),
        ({"entry": {"again": "once_per_days", "days": 0}}, "entry.days"),
        ({"entry": {"again": "once_per_days", "days": "3"}}, "entry.days"),
        ({"entry": {"again": "once_per_days", "key": "order.key"}}, "entry.key"),
        ({"entry": {"again": "once_per_key", "key": "order.shoe"}}, "entry.key"),
        ({"entry": {"again": "once", "days": 3}}, "entry.days"),
        ({"entry": {"if_inside": "leave"}}, "entry.if_inside"),
        ({"entry": {"cap": {"n": 1}}}, "entry.cap"),
        ({"entry": {"cap": 0}}, "entry.cap"),
        ({"entry": []}, "entry"),
        ({"triggers": {}}, "triggers"),
        ({"triggers": ["card_scanned"]}, "triggers[0]"),
        ({"triggers": [{}]}, "triggers[0].type"),
        ({"triggers": [{"type": "birthday"}]}, "triggers[0].type"),
        ({"triggers": [{"type": "card_scanned", "when": 1}]}, "triggers[0].when"),
        ({"triggers": [{"type": "card_scanned", "params": 1}]}, "triggers[0].params"),
        ({"triggers": [{"type": "card_scanned", "params": {"n": 1}}]}, "triggers[0].params.n"),
        ({"triggers": [{"type": "stamp_count_reached"}]}, "triggers[0].params.count"),
        (
            {"triggers": [{"type": "stamp_count_reached", "params": {"count": "10"}}]},
            "triggers[0].params.count",
        ),
        (
            {"triggers": [{"type": "external_event", "params": {"names": ["order_paid"]}}]},
            "triggers[0].params.names",
        ),
        (
            {"triggers": [{"type": "card_scanned", "filter": ["event.amount", ">", 1]}]},
            "triggers[0].filter",
        ),
        (
            {"triggers": [{"type": "card_scanned", "filter": {"any": [["order.total", ">", 1]]}}]},
            "triggers[0].filter.any[0]",
        ),
        ({"threads": [{"steps": []}]}, "steps"),
        ({"steps": {}}, "steps"),
        ({"steps": ["exit"]}, "steps[0]"),
        ({"steps": [{"type": "teleport"}]}, "steps[0].type"),
        ({"steps": [{"type": ["exit"]}]}, "steps[0].type"),
        ({"steps": [{}]}, "steps[0].type"),
        ({"steps": [{"key": "a b", "type": "exit"}]}, "steps[0].key"),
        ({"steps": [{"key": "", "type": "exit"}]}, "steps[0].key"),
        ({"steps": [{"key": "a", **EXIT}, {"key": "a", **EXIT}]}, "steps[1].key"),
        ({"steps": [{"type": "exit", "branches": {}}]}, "steps[0].branches"),
        ({"steps": [{"type": "exit", "why": "?"}]}, "steps[0].why"),
        ({"steps": [{"type": "wait"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P1M"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P0D"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P1DT"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P9999D"}]}, "steps[0].for"),
        ({"steps": [{"type": "wait", "for": "P1D", "weekdays": [1]}]}, "steps[0].weekdays"),
        ({"steps": [{"type": "add_tag", "tag": " "}]}, "steps[0].tag"),
        ({"steps": [{"type": "accrue", "unit": "miles", "amount": 1}]}, "steps[0].unit"),
        ({"steps": [{"type": "accrue", "unit": "points", "amount": 0}]}, "steps[0].amount"),
        ({"steps": [{"type": "accrue", "unit": "points", "amount": 1.5}]}, "steps[0].amount"),
        (
            {"steps": [{"type": "accrue", "unit": "points", "amount": 1, "program": "coffee"}]},
            "steps[0].unit",
        ),
        (
            {"steps": [{"type": "accrue", "unit": "points", "amount": 1, "to": "neighbour"}]},
            "steps[0].to",
        ),
        ({"steps": [{"type": "redeem", "amount": 1, "program": "tea"}]}, "steps[0].program"),
        ({"steps": [{"type": "redeem", "reward": "Cake"}]}, "steps[0].reward"),
        (
            {"steps": [{"type": "redeem", "reward": "Pie", "program": "aurora"}]},
            "steps[0].reward",
        ),
        ({"steps": [{"type": "redeem", "program": "aurora"}]}, "steps[0].amount"),
        (
            {"steps": [{"type": "redeem", "reward": "Cake", "amount": 1, "program": "aurora"}]},
            "steps[0].amount",
        ),
        (
            {"steps": [{"type": "send_email", "subject": "Hi", "body": "Ho", "sender": "X"}]},
            "steps[0].sender",
        ),
        ({"steps": [{"type": "send_email", "message": "welcome"}]}, "steps[0].message"),
        ({"steps": [{"type": "condition"}]}, "steps[0].filter"),
        (
            {"steps": [{"type": "condition", "filter": {"any": [["customer.shoe", "=", 1]]}}]},
            "steps[0].filter.any[0]",
        ),
        (
            {"steps": [{"type": "condition", "filter": ["cards.tea.stamps", ">", 1]}]},
            "steps[0].filter",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(shop, changes, path):
    assert path in refused(small(**changes))


def test_a_step_deep_inside_is_named_by_its_path(shop, tenth_coffee):
    yes = tenth_coffee["steps"][1]["branches"]["yes"]
    yes[0] = {"key": "w2", "type": "wait", "for": "P1D", "until": "09:00"}
    tenth_coffee["steps"][1]["branches"]["maybe"] = []

    found = refused(tenth_coffee)

    assert set(found) == {
        "steps[1].branches.yes[0].until",
        "steps[1].branches.maybe",
    }


def test_everything_wrong_is_named_at_once(shop, tenth_coffee):
    broken = deepcopy(tenth_coffee)
    broken["name"] = ""
    broken["triggers"][0]["params"]["count"] = 0
    broken["steps"][0]["for"] = "tomorrow"
    broken["goal"] = {}

    culprits = {"name", "triggers[0].params.count", "steps[0].for", "goal.event"}
    assert set(refused(broken)) == culprits


@pytest.mark.parametrize(
    ("threads", "path"),
    [
        ([], "threads"),
        ({}, "threads"),
        ([{}] * 21, "threads"),
        ([{}, "main"], "threads[1]"),
        ([{"key": "a"}, {"key": "a"}], "threads[1].key"),
        ([{"key": "a b"}], "threads[0].key"),
        ([{}, {"name": 3}], "threads[1].name"),
        ([{}, {"colour": 3}], "threads[1].colour"),
        ([{}, {"entry": {"again": "twice"}}], "threads[1].entry.again"),
        ([{}, {"triggers": [{"type": "bang"}]}], "threads[1].triggers[0].type"),
        (
            [{"steps": [{"key": "x", **EXIT}]}, {"steps": [{"key": "x", **EXIT}]}],
            "threads[1].steps[0].key",
        ),
    ],
)
def test_what_is_wrong_with_a_thread_is_named_by_its_path(shop, threads, path):
    document = {"format": 1, "slug": "t", "name": "T", "threads": threads}

    assert path in refused(document)


@pytest.mark.parametrize("source", [None, [], "{}", 3])
def test_what_is_no_object_is_no_automation(shop, source):
    assert set(refused(source)) == {""}


def test_a_name_that_two_senders_have_means_neither(shop):
    Sender.objects.create(name="Outbox", provider="outbox", from_address="b@aurora.example")
    email = {"type": "send_email", "subject": "Hi", "body": "Ho", "sender": "Outbox"}

    assert set(refused(small(email))) == {"steps[0].sender"}
