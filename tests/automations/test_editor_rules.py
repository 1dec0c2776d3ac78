"""Settings, starts, publishing and pausing in the editor: each calls its verb, errors stand at the
field, and nothing needs a script."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations import portable
from automations.models import Automation, Journey
from loyalty.models import Business, Card, Location
from tests.automations.conftest import Chain
from tests.automations.test_editor import WAIT, at

TAG = {"key": "t1", "type": "add_tag", "tag": "seen"}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


def settings(staff: Client, automation: Automation, name: str, sent: dict[str, Any]) -> Any:
    return staff.post(at("settings", automation, name), sent)


def written(automation: Automation) -> dict[str, Any]:
    return portable.write(Automation.objects.get(pk=automation.pk))


# --- Settings -------------------------------------------------------------------------------------


def test_every_setting_is_saved_by_its_form(staff: Client, chain: Chain) -> None:
    Business.objects.update(time_zone="Europe/Zurich")
    harbour = Location.objects.create(name="Harbour", slug="harbour")
    automation = chain(WAIT, trigger="order_paid")
    filled: dict[str, dict[str, Any]] = {
        "entry": {"again": "once_per_days", "days": "30", "if_inside": "parallel", "cap": "100"},
        "schedule": {"starts_at": "2026-12-01T09:00", "ends_at": ""},
        "scope": {"platforms": ["counter"], "locations": [harbour.pk]},
        "goal": {"event_kind": "order_paid", "filter-total": "1", "filter-0-field": ""},
        "exits": {"event_kind": "outside", "event": "moved away", "at": "new"},
        "limits": {"points_per_day": "", "messages_per_day": "50"},
    }

    for name, sent in filled.items():
        assert settings(staff, automation, name, sent).status_code == 302, name

    found = written(automation)
    assert found["entry"] == {
        "again": "once_per_days",
        "days": 30,
        "if_inside": "parallel",
        "cap": 100,
    }
    assert (found["starts_at"], found["ends_at"]) == ("2026-12-01T08:00:00Z", None)
    assert (found["platforms"], found["locations"]) == (["counter"], ["harbour"])
    assert (found["goal"], found["exits"]) == ({"event": "order_paid"}, [{"event": "moved away"}])
    assert found["limits"] == {"points_per_day": None, "messages_per_day": 50}
    shown = staff.get(at("change", automation), {"settings": ""}).content.decode()
    for words in ("Once in 30 days", "From 1 Dec 2026, 09:00 on", "50 messages a day"):
        assert words in shown


@pytest.mark.parametrize(
    ("name", "sent", "words"),
    [
        ("names", {"name": ""}, "This field is required."),
        ("entry", {"again": "once_per_days", "if_inside": "ignore"}, "Say in how many days."),
        ("entry", {"again": "once_per_key", "if_inside": "ignore"}, "Choose a field."),
        ("entry", {"again": "once", "if_inside": "ignore", "cap": "0"}, "greater than or equal"),
        (
            "schedule",
            {"starts_at": "2026-12-02T09:00", "ends_at": "2026-12-01T09:00"},
            "This is not after its start.",
        ),
        ("exits", {"event_kind": "outside", "event": "birthday"}, "Nothing tells of"),
        ("limits", {"points_per_day": "-1"}, "greater than or equal"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_changes_nothing(
    staff: Client,
    chain: Chain,
    name: str,
    sent: dict[str, Any],
    words: str,
) -> None:
    automation = chain(WAIT)
    before = written(automation)

    answer = settings(staff, automation, name, sent)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "errorlist" in page
    assert written(automation) == before


def test_a_goal_and_an_exit_rule_can_be_removed(staff: Client, chain: Chain) -> None:
    automation = chain(WAIT, goal={"event": "order_paid"}, exits=[{"event": "card_deleted"}])

    settings(staff, automation, "goal", {"remove": "yes"})
    settings(staff, automation, "exits", {"remove": "yes", "at": "0"})

    found = written(automation)
    assert (found["goal"], found.get("exits", [])) == (None, [])


# --- Starts ---------------------------------------------------------------------------------------


def test_one_start_has_no_furniture_but_a_quiet_way_to_another(
    staff: Client,
    chain: Chain,
) -> None:
    page = staff.get(at("change", chain(WAIT))).content.decode()

    assert "Add another start" in page
    assert "Rename or delete" not in page
    assert "Start 1" not in page


def test_another_start_is_added_filled_named_and_deleted(
    staff: Client,
    chain: Chain,
) -> None:
    automation = chain(WAIT)

    answer = staff.post(at("threads", automation))
    assert answer["Location"].endswith("?trigger=new&thread=thread-2")
    staff.post(
        at("trigger", automation),
        {"kind": "order_paid", "position": "new", "thread": "thread-2", "filter-total": "0"},
    )
    staff.post(
        at("steps", automation),
        {"lane": ".thread-2", "at": "0", "kind": "add_tag", "tag": "paid"},
    )
    staff.post(at("thread_name", automation), {"thread": "thread-2", "name": "Paid"})

    first, second = written(automation)["threads"]
    assert [trigger["type"] for trigger in first["triggers"]] == ["card_scanned"]
    assert [trigger["type"] for trigger in second["triggers"]] == ["order_paid"]
    assert (second["name"], [step["tag"] for step in second["steps"]]) == ("Paid", ["paid"])
    page = staff.get(at("change", automation)).content.decode()
    assert page.count("Rename or delete") == 2
    assert "Paid" in page

    staff.post(at("thread_delete", automation), {"thread": "thread-2"})
    assert "threads" not in written(automation)


def test_the_only_start_is_not_deleted(staff: Client, chain: Chain) -> None:
    automation = chain(WAIT)

    answer = staff.post(at("thread_delete", automation), {"thread": "main"})

    assert answer.status_code == 422
    assert "One start must stay." in answer.content.decode()


# --- Publishing and pausing -----------------------------------------------------------------------


@pytest.fixture
def inside(chain: Chain, scan: Any, coffee_card: Card, now: datetime) -> Automation:
    """Dora waits in version 1; the draft has another wait."""
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card)
    chain({**WAIT, "for": "P2D"}, TAG)
    automation.refresh_from_db()
    return automation


def test_publishing_asks_what_becomes_of_people_at_changed_steps(
    staff: Client,
    inside: Automation,
) -> None:
    answer = staff.post(at("mode", inside), {"mode": "working"}, follow=True)

    page = answer.content.decode()
    assert "What about the people inside?" in page
    assert 'name="choice-w1" value="finish" checked' in page
    inside.refresh_from_db()
    assert inside.draft is not None


def test_what_was_chosen_is_done(
    staff: Client,
    inside: Automation,
    now: datetime,
) -> None:
    sent = {"mode": "working", "asked": "yes", "choice-w1": "skip_to", "to-w1": "t1"}

    staff.post(at("mode", inside), sent)

    inside.refresh_from_db()
    journey = Journey.objects.get()
    assert inside.draft is None
    assert (journey.version, journey.step_key) == (inside.live, "t1")
    assert inside.live
    assert inside.live.published_by.startswith("staff:")


def test_people_who_stayed_may_be_moved_later(
    staff: Client, inside: Automation, now: datetime
) -> None:
    staff.post(at("mode", inside), {"mode": "working", "asked": "yes"})
    page = staff.get(at("change", inside)).content.decode()
    assert "Some people are in earlier versions" in page

    staff.post(at("mode", inside), {"mode": "working", "asked": "yes", "choice-w1": "move"})

    inside.refresh_from_db()
    assert Journey.objects.get().version == inside.live
    page = staff.get(at("change", inside)).content.decode()
    assert "Some people are in earlier versions" not in page


def test_a_choice_that_cannot_be_is_said_at_its_step(
    staff: Client,
    inside: Automation,
) -> None:
    sent = {"mode": "working", "asked": "yes", "choice-w1": "skip_to", "to-w1": "gone"}

    answer = staff.post(at("mode", inside), sent)

    assert answer.status_code == 422
    assert "has no step “gone”" in answer.content.decode()
    inside.refresh_from_db()
    assert inside.draft is not None


def test_the_switch_in_the_list_leads_to_the_question(
    staff: Client,
    inside: Automation,
) -> None:
    answer = staff.post(at("mode", inside), {"mode": "working", "from": "list"})

    assert answer["Location"].endswith("?publish")


@pytest.mark.parametrize(
    ("people", "state", "finishes"),
    [("hold", "held", False), ("finish", "waiting", True), ("end", "stopped", False)],
)
def test_pausing_asks_what_becomes_of_the_people(
    staff: Client,
    inside: Automation,
    people: str,
    state: str,
    finishes: bool,
) -> None:
    question = staff.get(at("change", inside), {"pause": ""}).content.decode()
    assert "1 person is inside" in question

    staff.post(at("mode", inside), {"mode": "draft", "people": people})

    inside.refresh_from_db()
    assert (inside.mode, inside.lets_finish) == ("draft", finishes)
    assert Journey.objects.get().state == state


def test_why_a_fuse_set_it_to_draft_is_in_the_list(staff: Client, chain: Chain) -> None:
    automation = chain(WAIT, publish=True)
    note = "40 of 50 steps failed."
    Automation.objects.filter(pk=automation.pk).update(mode="draft", draft_note=note)

    listed = staff.get(reverse("admin:automations_automation_changelist")).content.decode()
    page = staff.get(at("change", automation)).content.decode()

    assert note in listed
    assert note in page
