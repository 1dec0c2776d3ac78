"""Forks with many ways: drawn by keyboard, on a phone too, and usable by everybody."""

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from automations import portable
from automations.models import Automation
from tests.browser.conftest import Open
from tests.browser.test_by_keyboard import fill, is_focused, kind, press, tab_to
from tests.browser.test_pages import findings

NAMES = [f"A case with a long name, number {n}" for n in range(12)]


def tag(key: str) -> dict[str, str]:
    return {"key": key, "type": "add_tag", "tag": key}


@pytest.fixture
def wide(shop: Any, now: datetime) -> Automation:
    """A switch of twelve ways, a split, three branches at once, and a jump."""
    cases = [
        {"branch": f"c{n}", "label": label, "filter": ["customer.orders_count", "=", n]}
        for n, label in enumerate(NAMES)
    ]
    switch = {"key": "s", "type": "switch", "cases": cases, "branches": {"c0": [tag("t")]}}
    halves = {"key": "h", "type": "split", "shares": {"a": 50, "b": 50}, "holdout": 10}
    both = {"key": "p", "type": "parallel", "branches": {"one": [tag("u")], "two": [], "three": []}}
    back = {"key": "g", "type": "goto", "step": "h", "limit": 3}
    document = {"format": 1, "slug": "wide", "name": "Wide", "steps": [switch, halves, both, back]}
    return portable.read({**document, "triggers": [{"type": "card_scanned"}]}, now=now)


def editor(automation: Automation, asked: str = "") -> str:
    return f"/admin/automations/automation/{automation.pk}/change/{asked}"


@pytest.mark.parametrize("width", [1360, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_forks_are_usable_by_everybody(
    sit_down: Open, wide: Automation, width: int, theme: Any
) -> None:
    page = sit_down(width=width, color_scheme=theme)

    for asked in ("", "?step=s", "?step=h", "?step=p", "?step=g", "?add=s.c1&kind=goto"):
        page.goto(editor(wide, asked))
        assert findings(page) == [], asked
        assert page.evaluate("document.documentElement.scrollWidth") <= width, asked


def test_a_switch_is_drawn_by_keyboard(staff: Page, wide: Automation) -> None:
    page = staff
    page.goto(editor(wide, "?add=.main&at=4"))
    kind(page, "Switch")

    fill(page, "Case 1: name", "Came often")
    tab_to(page, page.locator("#id_cases-0-filter-0-field"))
    page.keyboard.type("Number of paid")
    expect(page.locator("#id_cases-0-filter-0-op")).to_contain_text("is at least")
    tab_to(page, page.locator("#id_cases-0-filter-0-value"))
    page.keyboard.type("9")
    fill(page, "Case 2: name", "Has a tag")
    tab_to(page, page.locator("#id_cases-1-filter-0-field"))
    page.keyboard.type("Tags")
    expect(page.locator("#id_cases-1-filter-0-op")).to_have_value("has")
    tab_to(page, page.locator("#id_cases-1-filter-0-value"))
    page.keyboard.type("vip")
    press(page, "Add case", "button")
    is_focused(page.locator("#id_cases-2-label"))
    press(page, "Remove Case 3", "button")
    expect(page.locator("#id_cases-2-label")).to_have_count(0)
    press(page, "Move Case 2 up", "button", backwards=True)
    is_focused(page.locator("#cases-up-0"))
    expect(page.locator("#id_cases-0-label")).to_have_value("Has a tag")
    press(page, "Add step", "button")

    is_focused(page.locator("#open-switch-1"))
    lanes = page.locator("#step-switch-1 > .branches > .branch")
    expect(lanes.locator("> .branch-head .branch-label")).to_have_text(
        ["Has a tag", "Came often", "Otherwise"]
    )
    expect(lanes.locator("> .branch-head .branch-help")).to_have_text(
        ["tags has “vip”", "number of paid orders is 9"]
    )


def test_shares_are_summed_while_they_are_typed(staff: Page, wide: Automation) -> None:
    page = staff
    page.goto(editor(wide, "?step=h"))
    total = page.locator("output.sum")
    expect(total).to_contain_text("100")

    page.locator("#id_shares-0-share").fill("70")
    expect(total).to_contain_text("120")
    assert total.get_attribute("data-wrong") is not None
    page.get_by_role("button", name="Save step").click()
    expect(page.locator("#panel .errorlist")).to_contain_text("must sum to 100; now it is 120")
    page.locator("#id_shares-1-share").fill("30")
    assert total.get_attribute("data-wrong") is None
    page.get_by_role("button", name="Save step").click()

    expect(page.locator(".note")).to_have_text("“Split” was saved.")
    helps = page.locator("#step-h > .branches .branch-help")
    expect(helps).to_have_text(["70 %", "30 %"])


def test_a_branch_that_holds_steps_stays(staff: Page, wide: Automation) -> None:
    page = staff
    page.goto(editor(wide, "?step=p"))

    page.get_by_role("button", name="Remove Branch 1").click()

    error = page.locator("#panel .branch-row.errors .errorlist")
    expect(error).to_have_text("1 step stands in “One”. Move or delete it first.")
    is_focused(page.locator("#lanes-remove-0"))
    page.get_by_role("button", name="Remove Branch 2").click()
    expect(page.locator("#panel .branch-row")).to_have_count(2)
    page.get_by_role("button", name="Save step").click()
    expect(page.locator("#step-p > .branches .branch-label")).to_have_text(["One", "Three"])


def test_a_fork_is_changed_where_no_script_runs(sit_down: Open, wide: Automation) -> None:
    page = sit_down(java_script_enabled=False)
    page.goto(editor(wide, "?step=p"))

    page.get_by_role("button", name="Add branch").click()
    page.get_by_label("Branch 4: name").fill("By post")
    page.get_by_role("button", name="Save step").click()

    labels = page.locator("#step-p > .branches .branch-label")
    expect(labels).to_have_text(["One", "Two", "Three", "By post"])
    page.get_by_role("link", name="Go to").first.click()
    page.get_by_role("combobox", name="Go to").select_option("s")
    page.get_by_role("button", name="Save step").click()
    expect(page.locator("#step-g .card-jump a")).to_have_attribute("href", "#step-s")
