"""Forks with branches of their own and jumps, in portable documents."""

from typing import Any

import pytest

from automations import drafts, portable, publishing
from automations.lanes import Lane
from automations.models import Automation
from automations.problems import Invalid
from automations.steps.goto import Goto
from automations.steps.parallel import Parallel
from automations.steps.split import Split
from automations.steps.start_automation import StartAutomation
from automations.steps.switch import Switch
from tests.automations.documents import small

VIP = ["customer.tags", "has", "vip"]
RICH = ["customer.points", ">", 100]
EXIT = {"type": "exit"}
TAG = {"type": "add_tag", "tag": "seen"}
CASES = [{"branch": "vip", "label": "Our best", "filter": VIP}, {"branch": "rich", "filter": RICH}]
SWITCH = {
    "key": "s",
    "type": "switch",
    "cases": CASES,
    "branches": {"vip": [{"key": "x", **EXIT}], "rich": [{"key": "t", **TAG}], "else": []},
}
SPLIT = {
    "key": "s",
    "type": "split",
    "shares": {"long": 70, "short": 30},
    "labels": {"long": "The long text"},
    "holdout": 10,
    "branches": {"long": [{"key": "x", **EXIT}], "short": []},
}
PARALLEL = {
    "key": "p",
    "type": "parallel",
    "labels": {"mail": "By email"},
    "branches": {"mail": [{"key": "x", **EXIT}], "card": [{"key": "t", **TAG}]},
}
GOTO = {"key": "g", "type": "goto", "step": "t", "filter": VIP, "limit": 3}


def written(now, *steps):
    return portable.write(portable.read(small(*steps), now=now))["steps"]


@pytest.mark.parametrize("step", [SWITCH, SPLIT, PARALLEL], ids=lambda step: step["type"])
def test_a_fork_comes_out_with_its_own_branches(shop, now, step):
    assert written(now, step) == [step]


def test_a_jump_comes_out_as_it_went_in(shop, now):
    plain = {"key": "h", "type": "goto", "step": "t", "limit": 100}

    assert written(now, {"key": "t", **TAG}, GOTO, plain) == [{"key": "t", **TAG}, GOTO, plain]


def test_another_automation_is_named_by_its_slug(shop, now):
    portable.read(small(EXIT) | {"slug": "other"}, now=now)
    start = {"key": "a", "type": "start_automation", "automation": "other"}

    assert written(now, start) == [start]


def test_the_branches_keep_their_order(shop, now):
    names = ["zebra", "ant", "mole", "b"]
    step = {"type": "parallel", "branches": {name: [] for name in names}}

    [out] = written(now, step)

    assert list(out["branches"]) == names


def test_an_edit_of_what_is_live_copies_every_branch(shop, now):
    both = {**PARALLEL, "branches": {"mail": [], "card": [{"key": "t2", **TAG}]}}
    automation = portable.read(small(SWITCH, {**SPLIT, "key": "s2", "branches": {}}, both), now=now)
    publishing.publish(automation, now=now)
    before = portable.write(automation)

    drafts.change_step(automation, "t2", {"tag": "seen"}, now=now)

    assert automation.draft
    assert portable.write(Automation.objects.get()) == before


# --- refusals ------------------------------------------------------------------------------------


def case(**changes: Any) -> dict[str, Any]:
    return {"branch": "a", "filter": VIP} | changes


B = {"branch": "b", "filter": RICH}


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"type": "switch"}, "cases"),
        ({"type": "switch", "cases": None}, "cases"),
        ({"type": "switch", "cases": "vip"}, "cases"),
        ({"type": "switch", "cases": {"a": VIP}}, "cases"),
        ({"type": "switch", "cases": [case()]}, "cases"),
        ({"type": "switch", "cases": [case(branch=f"b{n}") for n in range(13)]}, "cases"),
        ({"type": "switch", "cases": [case(), 5]}, "cases[1]"),
        ({"type": "switch", "cases": [case(), case()]}, "cases[1].branch"),
        ({"type": "switch", "cases": [case(branch="else"), B]}, "cases[0].branch"),
        ({"type": "switch", "cases": [case(branch="two words"), B]}, "cases[0].branch"),
        ({"type": "switch", "cases": [case(branch="x" * 41), B]}, "cases[0].branch"),
        ({"type": "switch", "cases": [case(branch=["a"]), B]}, "cases[0].branch"),
        ({"type": "switch", "cases": [case(label="x" * 61), B]}, "cases[0].label"),
        ({"type": "switch", "cases": [case(label=5), B]}, "cases[0].label"),
        ({"type": "switch", "cases": [case(colour="red"), B]}, "cases[0].colour"),
        ({"type": "switch", "cases": [{"branch": "a"}, B]}, "cases[0].filter"),
        (
            {"type": "switch", "cases": [case(filter={"all": [["customer.shoe", "=", 1]]}), B]},
            "cases[0].filter.all[0]",
        ),
        ({"type": "switch", "cases": [case(), B], "branches": {"c": []}}, "branches.c"),
        ({"type": "switch", "cases": [case(), B], "branches": []}, "branches"),
        ({"type": "split"}, "shares"),
        ({"type": "split", "shares": [50, 50]}, "shares"),
        ({"type": "split", "shares": {"a": 50, "b": 49}}, "shares"),
        ({"type": "split", "shares": {"a": 100}}, "shares"),
        ({"type": "split", "shares": {"a": 100.0, "b": 0}}, "shares.a"),
        ({"type": "split", "shares": {"a": 101, "b": -1}}, "shares.b"),
        ({"type": "split", "shares": {"holdout": 50, "b": 50}}, "shares"),
        ({"type": "split", "shares": {"a": 50, "b": 50}, "holdout": 91}, "holdout"),
        ({"type": "split", "shares": {"a": 50, "b": 50}, "labels": {"c": "C"}}, "labels.c"),
        ({"type": "split", "shares": {"a": 50, "b": 50}, "labels": {"a": 5}}, "labels.a"),
        ({"type": "parallel"}, "branches"),
        ({"type": "parallel", "branches": {"a": []}}, "branches"),
        ({"type": "parallel", "branches": {str(n): [] for n in range(11)}}, "branches"),
        ({"type": "parallel", "branches": {"a b": [], "c": []}}, "branches"),
        ({"type": "parallel", "branches": [[], []]}, "branches"),
        ({"type": "parallel", "branches": 5}, "branches"),
        ({"type": "parallel", "branches": {"a": [], "b": []}, "labels": []}, "labels"),
        ({"type": "parallel", "branches": {"a": [], "b": [{"type": "?"}]}}, "branches.b[0].type"),
        ({"type": "goto", "limit": 1}, "step"),
        ({"type": "goto", "step": "", "limit": 1}, "step"),
        ({"type": "goto", "step": "x"}, "limit"),
        ({"type": "goto", "step": "x", "limit": 0}, "limit"),
        ({"type": "goto", "step": "x", "limit": 101}, "limit"),
        ({"type": "goto", "step": "x", "limit": 1, "filter": ["customer.shoe", "=", 1]}, "filter"),
        ({"type": "start_automation"}, "automation"),
        ({"type": "start_automation", "automation": "nobody"}, "automation"),
        ({"type": "start_automation", "automation": 5}, "automation"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(shop, now, step, path):
    with pytest.raises(Invalid) as refusal:
        portable.read(small(EXIT, step), now=now)

    assert [each for each in refusal.value.fields if each.startswith(f"steps[1].{path}")]
    assert not Automation.objects.exists()


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (Switch, {"cases": [case()]}, "cases"),
        (Switch, {"cases": [case(), case()]}, "cases"),
        (Switch, {}, "cases"),
        (Split, {"shares": [{"branch": "a", "share": 50}]}, "shares"),
        (Split, {"shares": [{"branch": "a", "share": 100}]}, "shares"),
        (Split, {"shares": [{"branch": "a", "share": "100"}]}, "shares"),
        (Parallel, {"lanes": [{"branch": "a"}, {"branch": "a"}]}, "lanes"),
        (Parallel, {"lanes": [{"branch": "a", "share": 5}, {"branch": "b"}]}, "lanes"),
        (Goto, {"target": "x", "limit": 0}, "limit"),
        (Goto, {"target": "x y"}, "target"),
        (Goto, {"target": "x", "filter": ["customer.shoe", "=", 1]}, "filter"),
        (StartAutomation, {}, "automation"),
    ],
)
def test_the_columns_refuse_the_same(chain, now, kind, values, field):
    automation = chain(EXIT)

    with pytest.raises(Invalid) as refusal:
        drafts.add_step(automation, Lane(), 0, kind.type, values, now=now)

    assert list(refusal.value.fields) == [field]
