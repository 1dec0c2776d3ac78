"""The steps about time as documents: what goes in, what comes out, what is refused."""

import pytest
from django.core.exceptions import ValidationError

from automations import durations, portable
from automations.problems import Invalid
from automations.steps.wait import Wait
from automations.steps.wait_for_event import WaitForEvent
from automations.steps.wait_until import WaitUntil
from tests.automations.chains import tag
from tests.automations.documents import small

MONDAY_TO_FRIDAY = ["monday", "tuesday", "wednesday", "thursday", "friday"]
LATE = {"after": "PT2H", "then": "exit"}
AGAIN = {"after": "PT2H", "then": "again"}
BIRTHDAY = {"type": "wait_until", "field": "customer.birthday"}
ORDERED = {"type": "wait_until", "field": "order.placed_at"}
SCANNED = {"type": "wait_for_event", "event": "card_scanned", "timeout": "P1D"}


@pytest.mark.parametrize(
    ("step", "comes_out_as"),
    [
        ({"type": "wait", "until_time": "09:00"}, None),
        ({"type": "wait", "for": "P1D", "until_time": "09:00", "weekdays": ["monday"]}, None),
        ({"type": "wait", "weekdays": ["monday"], "late": AGAIN}, None),
        (
            {"type": "wait", "for": "P1D", "weekdays": ["sunday", "monday", "sunday"]},
            {"type": "wait", "for": "P1D", "weekdays": ["monday", "sunday"]},
        ),
        (
            {"type": "wait", "for": "P1D", "weekdays": [*MONDAY_TO_FRIDAY, "saturday", "sunday"]},
            {"type": "wait", "for": "P1D"},
        ),
        ({"type": "wait", "for": "P1D", "until_time": None}, {"type": "wait", "for": "P1D"}),
        ({**BIRTHDAY, "late": LATE}, None),
        ({"type": "wait_until", "field": "cards.coffee.expires_at", "offset": "-P3D"}, None),
        ({"type": "wait_until", "field": "event.day", "offset": "PT2H", "at": "07:30"}, None),
        (
            {"type": "wait_until", "field": "order.placed_at", "offset": "-P1W"},
            {"type": "wait_until", "field": "order.placed_at", "offset": "-P7D"},
        ),
        (
            {"type": "wait_until", "field": "order.placed_at", "offset": "P0D"},
            {"type": "wait_until", "field": "order.placed_at"},
        ),
    ],
)
def test_what_goes_in_comes_out(shop, now, step, comes_out_as):
    automation = portable.read(small({"key": "k", **step}), now=now)

    assert portable.write(automation)["steps"] == [{"key": "k", **(comes_out_as or step)}]


def test_a_wait_for_an_event_comes_out_with_its_branches(shop, now):
    step = {
        "key": "k",
        "type": "wait_for_event",
        "event": "order_paid",
        "filter": {"all": [["event.total_cents", ">", 500], ["order.status", "=", "paid"]]},
        "timeout": "P7D",
        "late": LATE,
        "branches": {"happened": [{"key": "t", **tag("paid")}], "timed_out": []},
    }

    automation = portable.read(small(step), now=now)

    assert portable.write(automation)["steps"] == [step]


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"type": "wait"}, "for"),
        ({"type": "wait", "for": "P0D"}, "for"),
        ({"type": "wait", "for": "-P1D"}, "for"),
        ({"type": "wait", "weekdays": [*MONDAY_TO_FRIDAY, "saturday", "sunday"]}, "for"),
        ({"type": "wait", "until_time": "9:00"}, "until_time"),
        ({"type": "wait", "until_time": "24:00"}, "until_time"),
        ({"type": "wait", "until_time": 9}, "until_time"),
        ({"type": "wait", "weekdays": ["someday"]}, "weekdays"),
        ({"type": "wait", "weekdays": "monday"}, "weekdays"),
        ({"type": "wait", "for": "P1D", "late": True}, "late"),
        ({"type": "wait", "for": "P1D", "late": {"after": "PT1H"}}, "late.then"),
        ({"type": "wait", "for": "P1D", "late": {**LATE, "after": "soon"}}, "late.after"),
        ({"type": "wait", "for": "P1D", "late": AGAIN}, "late.then"),
        ({"type": "wait_until"}, "field"),
        ({"type": "wait_until", "field": "customer.first_name"}, "field"),
        ({"type": "wait_until", "field": "customer.born"}, "field"),
        ({"type": "wait_until", "field": "now.date"}, "field"),
        ({**BIRTHDAY, "offset": "soon"}, "offset"),
        ({**BIRTHDAY, "offset": "-P9999D"}, "offset"),
        ({**ORDERED, "late": AGAIN}, "late.then"),
        ({"type": "wait_for_event", "timeout": "P1D"}, "event"),
        ({"type": "wait_for_event", "event": "x"}, "timeout"),
        ({**SCANNED, "event": "x" * 81}, "event"),
        ({**SCANNED, "late": AGAIN}, "late.then"),
        ({**SCANNED, "filter": ["event.total_cents", ">", 1]}, "filter"),
        ({**SCANNED, "filter": ["order.total", ">", 1]}, "filter"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(shop, now, step, path):
    with pytest.raises(Invalid) as refused:
        portable.read(small({"key": "k", **step}), now=now)

    assert set(refused.value.fields) == {f"steps[0].{path}"}


@pytest.mark.parametrize(
    "step",
    [
        Wait(until_time=None, weekdays=[]),
        Wait(days=1, late_after="PT1H", late_then="again"),
        WaitUntil(field="customer.first_name"),
        WaitUntil(field="card.expires_at", late_after="PT1H", late_then="again"),
        WaitForEvent(event="x", timeout="P1D", filter=["no.field", "=", 1]),
    ],
)
def test_the_form_refuses_what_a_document_may_not_say(step):
    with pytest.raises(ValidationError):
        step.clean()


@pytest.mark.parametrize("timeout", ["", "-P1D", "P0D", "soon"])
def test_a_column_refuses_what_is_no_time_to_wait(timeout):
    step = WaitForEvent(event="x", timeout=timeout)

    with pytest.raises(ValidationError):
        step.clean_fields(exclude={"step_ptr", "version", "branch", "position", "key"})


# --- Durations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [("P2W", "P14D"), ("PT90M", "PT1H30M"), ("PT36H", "PT36H"), ("-PT90S", "-PT1M30S")],
)
def test_a_duration_comes_out_in_its_plainest_form(text, plain):
    assert durations.read(text).iso == plain
    assert durations.read(plain) == durations.read(text)
