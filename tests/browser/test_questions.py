"""Publishing over people who are inside asks what becomes of them, with and without a script."""

from datetime import datetime

import pytest
from playwright.sync_api import expect

from automations import portable, publishing
from automations.models import Journey
from messaging.models import Sender
from tests.automations.conftest import move
from tests.automations.versions import document, let_in, tag, wait
from tests.browser.conftest import Open


@pytest.mark.parametrize("has_script", [True, False])
def test_people_skip_to_the_step_that_was_chosen_for_them(
    sit_down: Open, shop: Sender, now: datetime, has_script: bool
) -> None:
    automation = portable.read(document(wait("w", "P7D"), tag("t", "thanked")), now=now)
    publishing.publish(automation, now=now)
    let_in(3, "vip", now)
    move(now)
    portable.read(document(wait("w", "P9D"), tag("t", "thanked")), now=now)

    page = sit_down(java_script_enabled=has_script)
    page.goto(f"/admin/automations/automation/{automation.pk}/change/")
    page.locator("#publish").click()
    expect(page.locator("#panel")).to_contain_text("3 people stand here")
    expect(page.locator(".way-to")).to_be_hidden()
    page.get_by_label("Skip to a step").check()
    page.locator(".way-to").select_option("t")
    page.locator("#panel-save").click()

    expect(page.locator(".notes")).to_contain_text("version 2 is live")
    standing = set(Journey.objects.values_list("version__number", "step_key"))
    assert standing == {(2, "t")}
