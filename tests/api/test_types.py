"""The catalogue is what the types say of themselves."""

from typing import Any

import jsonschema
import pytest

from automations import steps
from automations.triggers import TRIGGERS
from loyalty.field_types import Op
from tests.automations.example import TENTH_COFFEE

FORKS_AND_JUMPS = {"switch", "split", "parallel", "goto", "start_automation"}
WAITS = {"wait", "wait_until", "wait_for_event"}
STEPS = (
    WAITS
    | FORKS_AND_JUMPS
    | {
        *(
            "condition",
            "exit",
            "send_email",
            "send_push",
            "accrue",
            "redeem",
            "add_tag",
            "change_tier",
        ),
        "issue_coupon",
        *("remove_tag", "set_attribute"),
    }
)
STARTS = {
    "card_scanned",
    "card_expired",
    "card_installed",
    "card_uninstalled",
    "coupon_redeemed",
    "stamp_count_reached",
    "points_count_reached",
    "points_claimed",
    "store_credit_claimed",
    "order_paid",
    "customer_created",
    "referral_succeeded",
    "shared",
    "review_left",
    "entered_segment",
    "coupon_code_redeemed",
    "external_event",
    "left_segment",
    "moved_to_rfm_segment",
    "tag_added",
    "tier_upgraded",
    "tier_downgraded",
    "close_to_upgrade",
    "tier_downgrade_risk",
}


@pytest.fixture
def catalogue(office, coffee, aurora):
    return office.get("automations/types/").json()


def test_everything_that_is_built_is_in_it_and_nothing_else(catalogue):
    assert {step["type"] for step in catalogue["steps"]} == set(steps.types()) == STEPS
    assert {start["type"] for start in catalogue["triggers"]} == set(TRIGGERS) == STARTS


def test_every_row_has_its_parts(catalogue):
    for step in catalogue["steps"]:
        assert {"type", "label", "parameters", "branches"} <= set(step)
    for trigger in catalogue["triggers"]:
        assert {"type", "label", "parameters", "programs", "payload"} <= set(trigger)
    for field in catalogue["fields"]:
        assert {"name", "type", "operators", "when"} <= set(field)
        assert set(field["operators"]) <= set(Op)


def test_the_parameters_are_json_schemas(catalogue):
    for row in (*catalogue["steps"], *catalogue["triggers"]):
        jsonschema.Draft202012Validator.check_schema(row["parameters"])
        assert row["parameters"]["additionalProperties"] is False


def test_the_contracts_example_fits_the_schemas(catalogue):
    schemas = {step["type"]: step["parameters"] for step in catalogue["steps"]}

    def check(lane: Any) -> None:
        for step in lane:
            own = {n: v for n, v in step.items() if n not in {"key", "type", "branches"}}
            jsonschema.validate(own, schemas[step["type"]])
            for branch in step.get("branches", {}).values():
                check(branch)

    check(TENTH_COFFEE["steps"])
    starts = {trigger["type"]: trigger["parameters"] for trigger in catalogue["triggers"]}
    jsonschema.validate(TENTH_COFFEE["triggers"][0]["params"], starts["stamp_count_reached"])


def test_only_a_fork_has_branches(catalogue):
    forks = {step["type"]: step["branches"] for step in catalogue["steps"] if step["branches"]}

    assert forks == {"condition": ["yes", "no"], "wait_for_event": ["happened", "timed_out"]}


def test_of_a_fork_that_names_its_branches_nobody_can_list_them(catalogue):
    nameless = {step["type"] for step in catalogue["steps"] if step["branches"] is None}

    assert nameless == {"switch", "split", "parallel"}


def test_a_trigger_says_for_which_cards_and_what_it_brings(catalogue):
    (stamps,) = (row for row in catalogue["triggers"] if row["type"] == "stamp_count_reached")

    assert stamps["programs"] == ["stamp"]
    assert {"unit", "amount", "before", "after"} <= {part["name"] for part in stamps["payload"]}


def test_a_field_says_when_it_can_have_a_value(catalogue):
    when = {field["name"]: field["when"] for field in catalogue["fields"]}

    assert when["customer.language"] == {}
    assert when["card.stamps"] == {"programs": ["stamp"]}
    assert when["order.total"] == {
        "triggers": ["coupon_code_redeemed", "order_paid", "referral_succeeded"]
    }
    assert set(when["event.after"]["triggers"]) == {
        *("stamp_count_reached", "points_count_reached"),
        "moved_to_rfm_segment",
        *("tier_upgraded", "tier_downgraded"),
    }
    assert {"cards.coffee.stamps", "cards.aurora.points"} <= set(when)
    assert "cards.coffee.points" not in when


def test_no_field_is_there_twice(catalogue):
    names = [field["name"] for field in catalogue["fields"]]

    assert len(names) == len(set(names))
