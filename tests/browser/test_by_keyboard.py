"""Whoever has no mouse draws a chain all the same."""

from datetime import datetime
from typing import Any

from playwright.sync_api import Dialog, Locator, Page, expect

from automations.models import Automation
from loyalty import tokens
from loyalty.models import Customer
from messaging.models import Message
from tests.api.caller import Caller
from tests.automations.conftest import move
from tests.cast import card_of

FARTHEST = 120  # presses of Tab from one end of the page to the other


def tab_to(page: Page, target: Locator, backwards: bool = False) -> None:
    """Press Tab until it is there, as people do; a control that Tab never reaches fails here."""
    target.wait_for()
    for _press in range(FARTHEST):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"Tab never comes to {target}.")


def press(page: Page, name: str, role: Any = "link", backwards: bool = False) -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True), backwards)
    page.keyboard.press("Enter")


def fill(page: Page, name: str, text: str) -> None:
    tab_to(page, page.locator("#panel").get_by_label(name, exact=True))
    page.keyboard.type(text)


def kind(page: Page, name: str) -> None:
    """Choose a type in the panel."""
    tab_to(page, page.locator("#panel .kind", has=page.get_by_text(name, exact=True)))
    page.keyboard.press("Enter")


def is_focused(target: Locator) -> None:
    expect(target).to_be_focused()


def test_a_chain_with_both_branches_is_drawn_by_keyboard_and_a_scan_runs_it(
    staff: Page, shop: Any, alice: Customer, coffee: Any, now: datetime
) -> None:
    page = staff
    page.goto("/admin/automations/automation/add/")
    is_focused(page.locator("[autofocus]"))
    page.keyboard.type("Welcome back")
    page.keyboard.press("Enter")

    is_focused(page.get_by_role("heading", name="What starts it?"))
    kind(page, "Card scanned")
    press(page, "Save trigger", "button")
    is_focused(page.locator("#open-trigger-main-0"))

    press(page, "Add step")
    kind(page, "Condition")
    tab_to(page, page.get_by_label("Field", exact=True))
    page.keyboard.type("Tags")
    expect(page.get_by_label("Comparison", exact=True)).to_have_value("has")
    fill(page, "Value", "vip")
    page.keyboard.press("Enter")
    is_focused(page.locator("#open-condition-1"))

    press(page, "Add step under “If yes”")
    kind(page, "Send email")
    fill(page, "Subject", "Good to see you, {{ customer.first_name }}")
    fill(page, "Text", "The next one is on us.")
    press(page, "Add step", "button")
    is_focused(page.locator("#open-send-email-1"))

    press(page, "Add step under “If no”")
    kind(page, "Add tag")
    fill(page, "Tag", "newcomer")
    page.keyboard.press("Enter")
    is_focused(page.locator("#open-add-tag-1"))

    press(page, "Publish", "button", backwards=True)
    expect(page.locator(".note")).to_have_text("“Welcome back” is working: version 1 is live.")

    _token, plain = tokens.make_token("Till", ["scanner"], now=now)
    card = card_of(alice, coffee)
    assert Caller(plain=plain).send("POST", "scan/", {"code": card.code}).status_code == 200
    move(now)
    alice.refresh_from_db()
    assert alice.tags == ["newcomer"]
    assert Message.objects.count() == 0
    launched = Automation.objects.get().journeys.get()
    assert [run.step_key for run in launched.step_runs.all()] == ["condition-1", "add-tag-1"]


def test_a_step_moved_by_keyboard_keeps_the_focus_and_says_where_it_is(
    staff: Page, forked: Automation
) -> None:
    page = staff
    page.goto(f"/admin/automations/automation/{forked.pk}/change/")
    down = page.locator("#down-m1")

    tab_to(page, down)
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_have_text("Moved to position 2.")
    is_focused(down)
    cards = page.locator(".branch-yes .card-name")
    expect(cards).to_have_text(["Add tag", "Send email"])


def test_a_step_comes_into_another_branch_by_keyboard(staff: Page, forked: Automation) -> None:
    page = staff
    page.goto(f"/admin/automations/automation/{forked.pk}/change/")

    tab_to(page, page.locator("#move-t1"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Move “Add tag” to …")).to_be_focused()
    tab_to(page, page.locator("#panel button.kind", has_text="If no"))
    page.keyboard.press("Enter")

    is_focused(page.locator(".branch-no #open-t1"))
    expect(page.locator(".branch-no .card-summary")).to_have_text(["newcomer", "regular"])


def test_what_is_wrong_is_said_in_the_panel_and_the_focus_stays_there(
    staff: Page, forked: Automation
) -> None:
    page = staff
    page.goto(f"/admin/automations/automation/{forked.pk}/change/?step=w1")

    days = page.locator("#panel").get_by_label("Days", exact=True)
    tab_to(page, days)
    page.keyboard.press("Control+A")
    page.keyboard.type("0")
    page.keyboard.press("Enter")

    expect(page.locator("#panel .errornote")).to_contain_text("longer than nothing")
    expect(page.locator("#panel .errornote")).to_be_focused()
    assert forked.live
    assert forked.live.steps.get(key="w1").summary() == "1 day"


def test_what_was_typed_is_not_lost_by_pressing_elsewhere(staff: Page, forked: Automation) -> None:
    page = staff
    page.goto(f"/admin/automations/automation/{forked.pk}/change/?step=m1")
    asked: list[str] = []

    def stay(question: Dialog) -> None:
        asked.append(question.message)
        question.dismiss()

    page.on("dialog", stay)

    fill(page, "Subject", "Hello once more")
    page.locator("#open-w1").click()

    expect(page.locator("#panel").get_by_label("Subject")).to_have_value("Hello once more")
    assert asked == ["What you changed here is not saved. Leave it?"]
