"""Everything works where no script runs; htmx only makes it quicker."""

import pytest
from playwright.sync_api import Page, expect

from automations.models import Automation
from tests.browser.conftest import Open


@pytest.fixture
def plain(sit_down: Open) -> Page:
    return sit_down(java_script_enabled=False)


def test_a_step_is_added_moved_and_deleted(plain: Page, forked: Automation) -> None:
    page = plain
    page.goto(f"/admin/automations/automation/{forked.pk}/change/")

    page.get_by_role("link", name="Add step under “If no”").click()
    page.get_by_role("link", name="Exit Ends the automation").click()
    page.get_by_role("button", name="Add step").click()
    expect(page.locator(".note")).to_have_text("“Exit” was added.")
    page.locator(".card", has_text="Exit").hover()
    page.get_by_role("button", name="Move “Exit” up").click()

    expect(page.locator(".note")).to_have_text("Moved to position 1.")
    expect(page.locator(".branch-no .card-name")).to_have_text(["Exit", "Add tag"])

    page.goto(f"/admin/automations/automation/{forked.pk}/change/?delete=exit-1")
    page.get_by_role("button", name="Delete step").click()

    expect(page.locator(".branch-no .card-name")).to_have_text(["Add tag"])
    forked.refresh_from_db()
    assert forked.live
    assert forked.live.steps.count() == 5  # what is live has not moved


def test_a_comparison_is_added_and_taken_away(plain: Page, forked: Automation) -> None:
    page = plain
    page.goto(f"/admin/automations/automation/{forked.pk}/change/?step=c1")

    page.get_by_role("button", name="Add comparison").click()
    page.get_by_label("Field").nth(2).select_option("customer.orders_count")
    page.get_by_role("button", name="Update choices").click()
    page.get_by_label("Comparison", exact=True).nth(2).select_option(">=")
    page.get_by_label("Value").nth(2).fill("three")
    page.get_by_role("button", name="Save step").click()
    expect(page.locator(".condition-row .errorlist")).to_contain_text("a whole number")

    page.get_by_label("Value").nth(2).fill("3")
    page.get_by_role("button", name="Remove comparison 1").click()
    page.get_by_role("button", name="Save step").click()

    expect(page.locator(".note")).to_have_text("“Condition” was saved.")
    forked.refresh_from_db()
    assert forked.draft
    assert forked.draft.steps.get(key="c1").parameters()["filter"] == {
        "any": [["customer.points", ">", 50], ["customer.orders_count", ">=", 3]]
    }


def test_the_switch_in_the_list_says_why_not(plain: Page, forked: Automation) -> None:
    page = plain
    page.goto("/admin/automations/automation/add/")
    page.get_by_label("Name").fill("Half an idea")
    page.get_by_role("button", name="Go on").click()

    page.goto("/admin/automations/automation/")
    page.get_by_role("switch", name="“Half an idea” works").click()

    expect(page.locator(".messagelist")).to_contain_text(
        "It cannot work yet: Choose what starts it."
    )
    assert not Automation.objects.get(name="Half an idea").is_working
