"""The editor, for whoever may not do everything in it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from automations.models import Automation
from tests.automations.conftest import Chain
from tests.automations.test_editor import FORK, WAIT, at, outline


@pytest.fixture
def drawn(chain: Chain) -> Automation:
    return chain(FORK, WAIT)


@pytest.fixture
def reader(db: None) -> Client:
    """May look at automations, and nothing else."""
    user = User.objects.create_user("rita", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_automation"))
    client = Client()
    client.force_login(user)
    return client


def test_who_may_only_look_sees_no_buttons(reader: Client, drawn: Automation) -> None:
    page = reader.get(at("change", drawn)).content.decode()

    assert "Add step" not in page
    assert 'id="publish"' not in page


def test_who_may_only_look_reads_a_step_and_is_offered_no_saving(
    reader: Client, drawn: Automation
) -> None:
    page = reader.get(at("change", drawn), {"step": "w1"}).content.decode()

    assert '<fieldset class="frozen" disabled>' in page
    assert 'id="panel-save"' not in page
    assert 'class="enter-saves"' not in page


def test_who_may_not_come_in_is_told_so_on_a_page_of_ours(reader: Client) -> None:
    answer = reader.get(reverse("admin:automations_automation_add"))

    assert answer.status_code == 403
    assert "Your account may not do this" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [("steps", ()), ("step", ("w1",)), ("step_move", ("w1",)), ("step_delete", ("w1",))]
    + [("settings", ("names",))]
    + [(name, ()) for name in ("trigger", "mode", "delete_all", "threads", "thread_delete")],
)
def test_who_may_only_look_changes_nothing(
    reader: Client, drawn: Automation, name: str, args: tuple[str, ...]
) -> None:
    before = outline(drawn.draft)

    answer = reader.post(at(name, drawn, *args), {"mode": "working", "to": "up", "name": "x"})

    assert answer.status_code == 403
    drawn.refresh_from_db()
    assert outline(drawn.draft) == before
    assert not drawn.is_working


def test_who_may_change_but_not_publish_leaves_it_a_draft(
    reader: Client, drawn: Automation
) -> None:
    rita = User.objects.get(username="rita")
    rita.user_permissions.add(Permission.objects.get(codename="change_automation"))

    assert reader.post(at("mode", drawn), {"mode": "working"}).status_code == 403
    drawn.refresh_from_db()
    assert not drawn.is_working


def test_who_may_not_publish_is_told_whom_to_ask(reader: Client, drawn: Automation) -> None:
    rita = User.objects.get(username="rita")
    rita.user_permissions.add(Permission.objects.get(codename="change_automation"))

    assert "Your account may not publish" in reader.get(at("change", drawn)).content.decode()


def test_a_stranger_is_sent_to_the_door(client: Client, drawn: Automation) -> None:
    answer = client.get(at("change", drawn))

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]
