"""Portable documents: what goes in comes out."""

import pytest

from automations import portable, publishing
from automations.lanes import DEEPEST
from automations.models import Thread
from automations.versions import lanes_of
from tests.automations.documents import nested, small

EXIT = {"type": "exit"}


# --- In and out -----------------------------------------------------------------------------------


def test_the_example_comes_out_as_it_went_in(shop, tenth_coffee, now):
    automation = portable.read(tenth_coffee, now=now)

    assert portable.write(automation) == tenth_coffee


def test_the_example_can_be_published(shop, tenth_coffee, now):
    automation = portable.read(tenth_coffee, now=now)

    publishing.publish(automation, now=now)

    assert automation.is_working
    assert portable.write(automation) == tenth_coffee


def test_reading_again_replaces_the_draft_and_leaves_what_is_live(shop, tenth_coffee, now):
    automation = portable.read(tenth_coffee, now=now)
    live = publishing.publish(automation, now=now)
    changed = {**tenth_coffee, "name": "Eleventh coffee", "steps": [{"key": "x", **EXIT}]}

    portable.read(changed, now=now)
    portable.read(changed, now=now)

    automation.refresh_from_db()
    assert automation.live == live
    assert portable.write(automation) == changed
    assert portable.write(automation, live)["steps"] == tenth_coffee["steps"]
    assert automation.versions.count() == 2


def test_neutral_values_may_be_left_out(shop, now):
    automation = portable.read(small(EXIT), now=now)

    written = portable.write(automation)

    assert written["entry"] == {"again": "every_time", "if_inside": "ignore", "cap": None}
    assert (written["programs"], written["goal"], written["label"]) == ([], None, "")


def test_one_thread_may_be_written_out(shop, now):
    threads = [
        {
            "key": "first",
            "name": "First",
            "triggers": [{"type": "order_paid", "params": {}}],
            "entry": {"again": "once", "if_inside": "ignore", "cap": None},
            "steps": [{"key": "x", "type": "exit"}],
        }
    ]

    automation = portable.read(
        {"format": 1, "slug": "threads", "name": "T", "threads": threads}, now=now
    )

    assert portable.write(automation)["threads"] == threads
    assert Thread.objects.get().again == "once"


def test_a_thread_with_the_plain_key_is_the_short_form(shop, now):
    thread = {"key": "main", "triggers": [{"type": "order_paid"}], "steps": [{"key": "x", **EXIT}]}

    automation = portable.read(
        {"format": 1, "slug": "t", "name": "T", "threads": [thread]}, now=now
    )

    assert portable.write(automation)["steps"] == [{"key": "x", "type": "exit"}]


@pytest.mark.parametrize(
    ("step", "comes_out_as"),
    [
        ({"type": "wait", "for": "PT90M"}, {"type": "wait", "for": "PT1H30M"}),
        ({"type": "wait", "for": "PT36H"}, {"type": "wait", "for": "PT36H"}),
        ({"type": "wait", "for": "P2W"}, {"type": "wait", "for": "P14D"}),
        ({"type": "wait", "for": "P1DT1S"}, {"type": "wait", "for": "P1DT1S"}),
        ({"type": "exit"}, {"type": "exit"}),
        ({"type": "add_tag", "tag": " vip "}, {"type": "add_tag", "tag": "vip"}),
        (
            {"type": "redeem", "amount": 1, "program": "coffee", "to": "customer"},
            {"type": "redeem", "amount": 1, "program": "coffee"},
        ),
        (
            {"type": "accrue", "unit": "stamps", "amount": 1, "program": None},
            {"type": "accrue", "unit": "stamps", "amount": 1},
        ),
        (
            {"type": "send_email", "subject": "Hi", "body": "Ho", "sender": "Outbox"},
            {"type": "send_email", "subject": "Hi", "body": "Ho", "sender": "Outbox"},
        ),
    ],
)
def test_a_step_comes_out_in_its_plainest_form(shop, now, step, comes_out_as):
    automation = portable.read(small({"key": "k", **step}), now=now)

    assert portable.write(automation)["steps"] == [{"key": "k", **comes_out_as}]


def test_steps_without_a_key_get_the_same_one_every_time(shop, now):
    document = small({"type": "add_tag", "tag": "a"}, {"key": "exit-1", **EXIT}, EXIT)

    first = portable.write(portable.read(document, now=now))
    second = portable.write(portable.read(document, now=now))

    assert [step["key"] for step in first["steps"]] == ["add-tag-1", "exit-1", "exit-2"]
    assert first == second


def test_a_chain_of_a_thousand_steps_is_read(shop, now):
    steps = [{"key": f"t{n}", "type": "add_tag", "tag": f"tag {n}"} for n in range(1_000)]

    automation = portable.read(small(*steps), now=now)

    assert portable.write(automation)["steps"] == steps


def test_forks_may_stand_as_deep_as_allowed(shop, now):
    document = small(nested(DEEPEST))

    automation = portable.read(document, now=now)

    assert automation.draft
    assert len(list(lanes_of(automation.draft).walk(None, "main"))) == DEEPEST + 1
