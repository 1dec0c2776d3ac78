"""Forks that name their branches, and jumps, in the editor's forms."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations import portable
from automations.models import Automation
from tests.automations.conftest import Chain

TAG = {"type": "add_tag", "tag": "seen"}
VIP = ["customer.tags", "has", "vip"]
RICH = ["customer.points", ">", 100]
SWITCH = {
    "key": "s",
    "type": "switch",
    "cases": [
        {"branch": "vip", "label": "Our best", "filter": {"all": [VIP]}},
        {"branch": "rich", "filter": {"all": [RICH]}},
    ],
    "branches": {"vip": [{"key": "t", **TAG}], "rich": [], "else": []},
}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


@pytest.fixture
def drawn(chain: Chain) -> Automation:
    both = {"key": "p", "type": "parallel", "branches": {"a": [{"key": "u", **TAG}], "b": []}}
    return chain(SWITCH, {"key": "z", **TAG}, both)


def at(name: str, automation: Automation, *args: str) -> str:
    return reverse(f"admin:automations_automation_{name}", args=(automation.pk, *args))


def stored(automation: Automation, key: str) -> dict[str, Any]:
    automation.refresh_from_db()
    return next(step for step in portable.write(automation)["steps"] if step["key"] == key)


def case(at: int, branch: str, label: str, *leaf: str) -> dict[str, str]:
    field, op, value = leaf or ("", "", "")
    own = {"branch": branch, "label": label, "filter-total": "1", "filter-join": "all"}
    own |= {"filter-0-field": field, "filter-0-op": op, "filter-0-value": value}
    return {f"cases-{at}-{name}": each for name, each in own.items()}


VIP_SENT = ("customer.tags", "has", "vip")
RICH_SENT = ("customer.points", ">", "100")
AS_IT_IS = {
    "cases-total": "2",
    **case(0, "vip", "Our best", *VIP_SENT),
    **case(1, "rich", "", *RICH_SENT),
}


def html(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- Switch ---------------------------------------------------------------------------------------


def test_a_form_that_is_saved_as_it_is_changes_nothing(staff: Client, drawn: Automation) -> None:
    before = stored(drawn, "s")

    answer = staff.post(at("step", drawn, "s"), AS_IT_IS)

    assert answer.status_code == 302
    assert stored(drawn, "s") == before


def test_a_new_case_gets_a_lane_named_for_it(staff: Client, drawn: Automation) -> None:
    more = case(2, "", "Came often!", "customer.orders_count", ">", "9")

    staff.post(at("step", drawn, "s"), {**AS_IT_IS, "cases-total": "3", **more})

    now = stored(drawn, "s")
    assert list(now["branches"]) == ["vip", "rich", "came-often", "else"]
    assert now["cases"][2]["label"] == "Came often!"
    assert now["branches"]["vip"] == [{"key": "t", **TAG}]


def test_names_that_are_taken_get_a_number(staff: Client, drawn: Automation) -> None:
    sent = {
        "lane": ".main",
        "at": "0",
        "kind": "switch",
        "cases-total": "3",
        **case(0, "", "Else", *VIP_SENT),
        **case(1, "", "Else", *RICH_SENT),
        **case(2, "", "", *RICH_SENT),
    }

    staff.post(at("steps", drawn), sent)

    assert list(stored(drawn, "switch-1")["branches"]) == ["else-2", "else-3", "way-3", "else"]


def test_a_renamed_case_keeps_its_lane(staff: Client, drawn: Automation) -> None:
    staff.post(at("step", drawn, "s"), {**AS_IT_IS, "cases-0-label": "VIPs"})

    now = stored(drawn, "s")
    assert now["cases"][0] == {"branch": "vip", "label": "VIPs", "filter": {"all": [VIP]}}
    assert len(now["branches"]["vip"]) == 1


@pytest.mark.parametrize(
    ("button", "order"),
    [
        ("add", ["Our best", "", ""]),
        ("down-0", ["", "Our best"]),
        ("up-1", ["", "Our best"]),
        ("up-0", ["Our best", ""]),
        ("remove-1", ["Our best"]),
        ("remove-9", ["Our best", ""]),
        ("sideways-0", ["Our best", ""]),
    ],
)
def test_a_button_of_the_rows_changes_the_form_alone(
    staff: Client, drawn: Automation, button: str, order: list[str]
) -> None:
    before = stored(drawn, "s")

    answer = staff.post(at("step", drawn, "s"), {**AS_IT_IS, "cases-rows": button})

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert [_value(shown, f"cases-{n}-label") for n in range(len(order))] == order
    assert f"cases-{len(order)}-label" not in shown
    assert stored(drawn, "s") == before


def _value(html: str, name: str) -> str:
    tag = html[html.index(f'name="{name}"') :].partition(">")[0]
    return tag.partition('value="')[2].partition('"')[0]


def test_a_button_of_a_cases_own_condition_changes_the_form_alone(
    staff: Client, drawn: Automation
) -> None:
    before = stored(drawn, "s")

    answer = staff.post(at("step", drawn, "s"), {**AS_IT_IS, "cases-1-filter-rows": "add"})

    assert answer.status_code == 422
    assert 'name="cases-1-filter-1-field"' in answer.content.decode()
    assert 'name="cases-0-filter-1-field"' not in answer.content.decode()
    assert stored(drawn, "s") == before


def test_a_case_that_still_holds_steps_is_not_removed(staff: Client, drawn: Automation) -> None:
    said = "1 step stands in “Our best”. Move or delete it first."
    before = stored(drawn, "s")

    pressed = staff.post(at("step", drawn, "s"), {**AS_IT_IS, "cases-rows": "remove-0"})
    only = {"cases-total": "2", **case(0, "rich", "", *RICH_SENT), **case(1, "", "", *VIP_SENT)}
    saved = staff.post(at("step", drawn, "s"), only)

    for answer in (pressed, saved):
        assert answer.status_code == 422
        assert said in html(answer)
    assert stored(drawn, "s") == before


def test_a_case_without_a_condition_is_said_at_its_row(staff: Client, drawn: Automation) -> None:
    before = stored(drawn, "s")
    sent = {**AS_IT_IS, **case(1, "rich", "", "customer.points", ">", "many")}

    answer = staff.post(at("step", drawn, "s"), sent)

    assert answer.status_code == 422
    assert "Type a whole number" in html(answer)
    assert html(answer).count('class="branch-row errors"') == 1
    assert stored(drawn, "s") == before


# --- Jumps ----------------------------------------------------------------------------------------


def test_a_jump_offers_the_steps_it_may_go_to(staff: Client, drawn: Automation) -> None:
    def offered(lane: str) -> list[str]:
        page = staff.get(at("change", drawn), {"add": lane, "kind": "goto"}).content.decode()
        select = page[page.index('name="target"') :].partition("</select>")[0]
        return [part.partition('"')[0] for part in select.split('<option value="')[1:]]

    assert offered(".main") == ["", "s", "t", "z", "p"]
    assert offered("s.vip") == ["", "s", "t", "z", "p"]
    assert offered("p.a") == ["", "u"]
    assert offered("p.b") == [""]


def test_a_jump_is_drawn_and_shows_where_it_goes(staff: Client, drawn: Automation) -> None:
    new = {"lane": "s.vip", "at": "1", "kind": "goto", "target": "z", "limit": "2"}

    answer = staff.post(at("steps", drawn), new | {"filter-total": "0"}, follow=True)

    assert stored(drawn, "s")["branches"]["vip"][1] == {
        "key": "goto-1",
        "type": "goto",
        "step": "z",
        "limit": 2,
    }
    assert '<a href="#step-z">Add tag: seen</a>' in html(answer)


def test_an_automation_offers_others_and_not_itself(
    staff: Client, drawn: Automation, now: Any
) -> None:
    other = {"format": 1, "slug": "other", "name": "The other one", "triggers": [], "steps": []}
    portable.read(other, now=now)

    asked = {"add": ".main", "kind": "start_automation"}
    page = staff.get(at("change", drawn), asked).content.decode()

    select = page[page.index('name="automation"') :].partition("</select>")[0]
    assert "The other one" in select
    assert ">Test<" not in select


def test_steps_move_into_the_branches_of_a_switch(staff: Client, drawn: Automation) -> None:
    question = html(staff.get(at("change", drawn), {"move": "z"}))
    assert "Our best: tags has “vip”" in question
    assert "Otherwise: Switch" in question
    assert "A: Parallel" in question

    staff.post(at("step_move", drawn, "z"), {"to": "s.else"})

    assert stored(drawn, "s")["branches"]["else"] == [{"key": "z", **TAG}]


def test_a_wide_fork_says_who_goes_where(staff: Client, drawn: Automation) -> None:
    page = html(staff.get(at("change", drawn)))

    assert (
        '<h3 class="branch-label">Our best</h3> <p class="branch-help">tags has “vip”</p>' in page
    )
    assert '<section class="branch" data-branch="else">' in page
