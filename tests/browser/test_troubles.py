"""What goes wrong between the page and the house takes nothing from whoever is typing."""

from django.contrib.auth.models import User
from playwright.sync_api import Dialog, Page, expect

from automations.models import Automation


def test_who_was_signed_out_signs_in_beside_the_page_and_saves_what_was_typed(
    staff: Page, owner: User, forked: Automation
) -> None:
    staff.goto(f"/admin/automations/automation/{forked.pk}/change/?step=m1")
    staff.locator("#panel").get_by_label("Subject").fill("Hello once more")
    staff.context.clear_cookies(name="sessionid")

    staff.locator("#panel-save").click()
    expect(staff.locator("[data-trouble=signed-out]")).to_be_visible()
    with staff.context.expect_page() as opened:
        staff.get_by_role("link", name="Sign in on a new page").click()
    door = opened.value
    door.get_by_label("Username").fill(owner.username)
    door.get_by_label("Password").fill("latte macchiato")
    door.get_by_role("button", name="Log in").click()
    expect(door.get_by_role("heading", name="Overview")).to_be_visible()

    staff.locator("#panel-save").click()
    expect(staff.locator("#open-m1")).to_contain_text("Hello once more")
    expect(staff.locator("[data-trouble=signed-out]")).to_be_hidden()


def test_who_leaves_the_page_is_asked_first(staff: Page, forked: Automation) -> None:
    staff.goto(f"/admin/automations/automation/{forked.pk}/change/?step=m1")
    asked: list[str] = []

    def stay(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss()

    staff.on("dialog", stay)

    staff.locator("#panel").get_by_label("Subject").fill("Hello once more")
    staff.locator(".tabs a").last.click()

    expect(staff.locator("#panel").get_by_label("Subject")).to_have_value("Hello once more")
    assert asked == ["beforeunload"]
