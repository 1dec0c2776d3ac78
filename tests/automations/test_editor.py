"""The editor's requests: each calls one verb, and what is refused changes nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations import lint
from automations.models import Automation, Version
from tests.automations.conftest import Chain

WAIT = {"key": "w1", "type": "wait", "for": "P1D"}
FORK = {
    "key": "c1",
    "type": "condition",
    "filter": {"all": [["customer.tags", "has", "vip"]]},
    "branches": {"yes": [{"key": "t1", "type": "add_tag", "tag": "seen"}], "no": []},
}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


@pytest.fixture
def drawn(chain: Chain) -> Automation:
    """A fork with a step under yes, then a wait; a draft."""
    return chain(FORK, WAIT)


def at(name: str, automation: Automation, *args: str) -> str:
    return reverse(f"admin:automations_automation_{name}", args=(automation.pk, *args))


def outline(version: Version | None) -> list[tuple[str, str, str]]:
    """(fork, branch, key) of each step, in the order of the lanes."""
    assert version
    steps = sorted(
        version.steps.all(), key=lambda step: (step.parent_id or 0, step.branch, step.position)
    )
    return [(step.parent.key if step.parent else "", step.branch, step.key) for step in steps]


# --- Steps ----------------------------------------------------------------------------------------


def test_a_step_is_put_where_it_was_asked_for(staff: Client, drawn: Automation) -> None:
    answer = staff.post(
        at("steps", drawn), {"lane": "c1.no", "at": "0", "kind": "add_tag", "tag": "new"}
    )

    assert answer.status_code == 302
    assert answer["Location"].endswith("?focus=add-tag-1")
    drawn.refresh_from_db()
    assert ("c1", "no", "add-tag-1") in outline(drawn.draft)


def test_a_step_that_is_not_right_is_shown_again_and_not_added(
    staff: Client, drawn: Automation
) -> None:
    before = outline(drawn.draft)

    answer = staff.post(
        at("steps", drawn), {"lane": ".main", "at": "0", "kind": "add_tag", "tag": ""}
    )

    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert outline(drawn.draft) == before


def test_a_saved_step_has_what_was_typed(staff: Client, drawn: Automation) -> None:
    typed = {"days": "0", "hours": "36", "minutes": "0", "seconds": "0", "late_then": "go_on"}

    staff.post(at("step", drawn, "w1"), typed)

    drawn.refresh_from_db()
    assert drawn.draft
    assert drawn.draft.steps.get(key="w1").summary() == "36 hours"


def test_an_edit_of_what_works_changes_only_the_draft(staff: Client, chain: Chain) -> None:
    working = chain(FORK, WAIT, publish=True)
    live = outline(working.live)

    staff.post(at("step_move", working, "w1"), {"to": "up"})

    working.refresh_from_db()
    assert outline(working.live) == live
    assert [key for fork, _branch, key in outline(working.draft) if not fork] == ["w1", "c1"]


def test_a_step_moves_to_the_end_of_another_lane(staff: Client, drawn: Automation) -> None:
    staff.post(at("step_move", drawn, "w1"), {"to": "c1.yes"})

    drawn.refresh_from_db()
    assert outline(drawn.draft)[1:] == [("c1", "yes", "t1"), ("c1", "yes", "w1")]


def test_a_fork_is_not_moved_into_its_own_branches(staff: Client, drawn: Automation) -> None:
    before = outline(drawn.draft)

    answer = staff.post(at("step_move", drawn, "c1"), {"to": "c1.yes"})

    assert answer.status_code == 422
    assert "cannot be moved into its own branches" in answer.content.decode()
    assert outline(drawn.draft) == before


def test_deleting_a_fork_asks_first_and_takes_its_branches_along(
    staff: Client, drawn: Automation
) -> None:
    question = staff.get(at("change", drawn), {"delete": "c1"}).content.decode()
    assert "1 step in its branches goes with it." in question

    staff.post(at("step_delete", drawn, "c1"))

    drawn.refresh_from_db()
    assert [key for _fork, _branch, key in outline(drawn.draft)] == ["w1"]


@pytest.mark.parametrize("asked", ["?step=nothing", "?add=nowhere", "?add=.main&kind=magic"])
def test_a_link_to_what_is_not_there_opens_the_editor_and_says_so(
    staff: Client, drawn: Automation, asked: str
) -> None:
    answer = staff.get(at("change", drawn) + asked)

    assert answer.status_code == 200
    assert "is not in this automation, or not any more" in answer.content.decode()
    assert "Add step" in answer.content.decode()


def test_what_is_not_there_is_not_changed(staff: Client, drawn: Automation) -> None:
    before = outline(drawn.draft)

    assert staff.post(at("step", drawn, "nothing"), {}).status_code == 404
    assert staff.post(at("steps", drawn), {"kind": "wait", "lane": "nowhere"}).status_code == 404

    assert outline(drawn.draft) == before


# --- Triggers, settings, mode ---------------------------------------------------------------------


def test_a_trigger_is_saved_with_its_condition(staff: Client, drawn: Automation) -> None:
    staff.post(
        at("trigger", drawn),
        {
            "position": "0",
            "kind": "stamp_count_reached",
            "count": "10",
            "filter-total": "1",
            "filter-join": "all",
            "filter-0-field": "customer.language",
            "filter-0-op": "=",
            "filter-0-value": "en",
        },
    )

    trigger = drawn.draft.threads.get().triggers.get()  # type: ignore[union-attr]
    assert (trigger.type, trigger.params) == ("stamp_count_reached", {"count": 10})
    assert trigger.filter == {"all": [["customer.language", "=", "en"]]}


def test_settings_are_saved(staff: Client, drawn: Automation, coffee: Any) -> None:
    settings = {"name": "Renamed", "label": "x", "programs": [coffee.pk]}

    staff.post(at("settings", drawn, "names"), settings)
    staff.post(at("settings", drawn, "entry"), {"again": "once", "if_inside": "restart"})

    drawn.refresh_from_db()
    assert drawn.draft
    assert (drawn.name, drawn.label) == ("Renamed", "x")
    assert list(drawn.draft.programs.values_list("slug", flat=True)) == ["coffee"]
    thread = drawn.draft.threads.get()
    assert (thread.again, thread.if_inside) == ("once", "restart")


def test_publishing_says_what_is_in_the_way(staff: Client, chain: Chain) -> None:
    unfinished = chain({"type": "send_email", "subject": "Hi {{ custmer.name }}", "body": "x"})

    answer = staff.post(at("mode", unfinished), {"mode": "working"}, follow=True)

    page = answer.content.decode()
    assert "1 thing to fix before it can work" in page
    assert "?step=send-email-1" in page
    unfinished.refresh_from_db()
    assert not unfinished.is_working


def test_it_is_published_and_paused(staff: Client, drawn: Automation) -> None:
    staff.post(at("mode", drawn), {"mode": "working"})
    drawn.refresh_from_db()
    assert drawn.is_working

    staff.post(at("mode", drawn), {"mode": "draft"})
    drawn.refresh_from_db()
    assert not drawn.is_working


def test_the_switch_answers_htmx_with_its_row(staff: Client, drawn: Automation) -> None:
    answer = staff.post(
        at("mode", drawn), {"mode": "working", "from": "list"}, headers={"HX-Request": "true"}
    )

    row = answer.content.decode()
    assert row.strip().startswith("<tr")
    assert 'aria-checked="true"' in row


def test_htmx_gets_the_editor_alone(staff: Client, drawn: Automation) -> None:
    whole = staff.get(at("change", drawn)).content.decode()
    part = staff.get(at("change", drawn), headers={"HX-Request": "true"}).content.decode()

    assert "<html" in whole
    assert part.strip().startswith('<div id="editor"')


def test_a_new_automation_begins_with_its_name(staff: Client) -> None:
    answer = staff.post(reverse("admin:automations_automation_add"), {"name": "Win them back"})

    automation = Automation.objects.get()
    assert automation.slug == "win-them-back"
    assert answer["Location"] == at("change", automation) + "?trigger=new"


def test_a_deleted_automation_is_gone_from_the_pages(staff: Client, drawn: Automation) -> None:
    staff.post(at("delete_all", drawn))

    assert staff.get(at("change", drawn)).status_code == 404
    listed = staff.get(reverse("admin:automations_automation_changelist"))
    assert "Nothing happens by itself yet" in listed.content.decode()


def test_a_long_chain_is_drawn_in_few_queries(
    staff: Client, chain: Chain, django_assert_max_num_queries: Any
) -> None:
    tags = [{"type": "add_tag", "tag": f"t{n}"} for n in range(60)]
    automation = chain(FORK, WAIT, *tags)
    lint.problems(automation.draft)  # type: ignore[arg-type]

    with django_assert_max_num_queries(60):
        assert staff.get(at("change", automation)).status_code == 200
