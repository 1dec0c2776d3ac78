"""The forms of the steps about time: what is typed in them, and what they show of it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations.models import Automation, Step
from tests.automations.conftest import Chain

NO_TIME = {"days": "0", "hours": "0", "minutes": "0", "seconds": "0", "late_then": "go_on"}
EVENT = {
    "event": "order_paid",
    "filter-total": "1",
    "filter-join": "all",
    "timeout-days": "7",
    "late_then": "go_on",
}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


def add(staff, automation, kind, **typed):
    url = reverse("admin:automations_automation_steps", args=(automation.pk,))
    return staff.post(url, {"lane": ".main", "at": "0", "kind": kind, **typed})


def panel(staff, automation, **asked):
    url = reverse("admin:automations_automation_change", args=(automation.pk,))
    return staff.get(url, asked).content.decode()


def added(answer) -> Step:
    assert answer.status_code == 302
    return Step.objects.get()


@pytest.fixture
def empty(chain: Chain) -> Automation:
    return chain()


def test_a_wait_until_nine_on_workdays(staff, empty):
    days = ["monday", "tuesday"]

    step = added(add(staff, empty, "wait", **NO_TIME, until_time="09:00", weekdays=days))

    assert step.parameters() == {"until_time": "09:00", "weekdays": days}
    shown = panel(staff, empty, step=step.key)
    assert 'type="time" name="until_time" value="09:00"' in shown
    assert re.findall(r'name="weekdays" value="(\w+)"[^>]*checked', shown) == days


def test_a_wait_for_nothing_is_shown_again(staff, empty):
    answer = add(staff, empty, "wait", **NO_TIME)

    assert answer.status_code == 422
    assert "must be longer than nothing" in answer.content.decode()
    assert not Step.objects.exists()


def test_what_to_do_when_it_is_too_late_is_folded_away_until_it_is_set(staff, empty):
    assert '<details class="seldom">' in panel(staff, empty, add=".main", at="0", kind="wait")

    typed = {**NO_TIME, "days": "1", "late_after-hours": "2", "late_then": "exit"}
    step = added(add(staff, empty, "wait", **typed))

    assert step.parameters() == {"for": "P1D", "late": {"after": "PT2H", "then": "exit"}}
    assert '<details class="seldom" open>' in panel(staff, empty, step=step.key)


def test_what_has_no_next_time_cannot_be_waited_for_again(staff, empty):
    typed = {**NO_TIME, "days": "1", "late_after-hours": "2", "late_then": "again"}

    answer = add(staff, empty, "wait", **typed)

    assert answer.status_code == 422
    assert "There is no next such moment here" in answer.content.decode()
    assert '<details class="seldom" open>' in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "offset"),
    [
        ({}, ""),
        ({"offset-days": "3"}, "-P3D"),
        ({"offset-days": "3", "offset-side": "before"}, "-P3D"),
        ({"offset-days": "1", "offset-minutes": "90", "offset-side": "after"}, "P1DT1H30M"),
    ],
)
def test_days_before_and_after_a_date(staff, empty, typed, offset):
    date = {"field": "customer.birthday", "late_then": "go_on"}

    step = added(add(staff, empty, "wait_until", **date, **typed))

    assert step.parameters().get("offset", "") == offset
    shown = panel(staff, empty, step=step.key)
    days = typed.get("offset-days", "")
    assert re.search(rf'name="offset-days" id="id_offset-days" value="{days}"', shown)
    side = typed.get("offset-side", "before")
    assert f'<option value="{side}" selected>' in shown


@pytest.mark.parametrize("days", ["-1", "three", "1.5", "9" * 10])
def test_a_length_is_typed_in_whole_numbers(staff, empty, days):
    date = {"field": "customer.birthday", "late_then": "go_on", "offset-days": days}

    answer = add(staff, empty, "wait_until", **date)

    assert answer.status_code == 422
    assert "Type whole numbers." in answer.content.decode()
    assert f'value="{days}"' in answer.content.decode()


def test_the_dates_to_choose_from_are_those_that_can_have_a_value(staff, empty):
    shown = panel(staff, empty, add=".main", at="0", kind="wait_until")

    offered = re.findall(r'<option value="((?:customer|card|cards|order|now)\.[^"]*)"', shown)
    assert {"customer.birthday", "card.expires_at", "cards.coffee.expires_at"} <= set(offered)
    assert not {"order.placed_at", "now.date", "customer.first_name"} & set(offered)


def test_an_attribute_is_typed_in(staff, empty):
    other = {"field": "*", "field-other": "customer.attributes.wedding", "late_then": "go_on"}

    step = added(add(staff, empty, "wait_until", **other))

    assert step.parameters() == {"field": "customer.attributes.wedding"}
    shown = panel(staff, empty, step=step.key)
    assert '<option value="*" selected>' in shown
    assert 'value="customer.attributes.wedding"' in shown


@pytest.mark.parametrize("other", ["", "customer.first_name"])
def test_what_is_no_date_is_shown_again(staff, empty, other):
    answer = add(staff, empty, "wait_until", **{"field": "*", "field-other": other})

    assert answer.status_code == 422
    assert not Step.objects.exists()


def test_an_event_is_awaited_with_a_condition_on_it(staff, empty):
    row = {"filter-0-field": "event.total_cents", "filter-0-op": ">", "filter-0-value": "500"}

    step = added(add(staff, empty, "wait_for_event", **EVENT, **row))

    assert step.parameters() == {
        "event": "order_paid",
        "filter": {"all": [["event.total_cents", ">", 500]]},
        "timeout": "P7D",
    }


def test_an_event_of_another_system_is_typed_in(staff, empty):
    typed = {**EVENT, "event": "*", "event-other": "parcel_delivered", "filter-total": "0"}

    step = added(add(staff, empty, "wait_for_event", **typed))

    assert step.parameters() == {"event": "parcel_delivered", "timeout": "P7D"}


def test_the_fields_to_ask_about_are_those_of_the_event_that_was_chosen(staff, empty):
    chosen = {**EVENT, "filter-rows": "refresh"}

    of_an_order = add(staff, empty, "wait_for_event", **chosen).content.decode()
    of_a_scan = add(staff, empty, "wait_for_event", **{**chosen, "event": "card_scanned"})

    assert 'value="event.total_cents"' in of_an_order
    assert 'value="order.platform"' in of_an_order
    assert 'label="What happens"' in of_an_order
    assert 'value="event.total_cents"' not in of_a_scan.content.decode()
    assert 'value="order.platform"' not in of_a_scan.content.decode()


def test_a_name_that_is_still_to_be_typed_is_asked_for(staff, empty):
    chosen = {**EVENT, "event": "*", "event-other": ""}

    drawn_anew = add(staff, empty, "wait_for_event", **chosen, **{"filter-rows": "refresh"})
    refused = add(staff, empty, "wait_for_event", **chosen)

    for answer in (drawn_anew, refused):
        assert '<option value="*" selected>' in answer.content.decode()
    assert "This field is required." in refused.content.decode()
    assert not Step.objects.exists()


def test_how_long_at_most_must_be_said(staff, empty):
    answer = add(staff, empty, "wait_for_event", **{**EVENT, "timeout-days": ""})

    assert answer.status_code == 422
    assert not Step.objects.exists()
