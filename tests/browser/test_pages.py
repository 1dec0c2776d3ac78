"""Every page of staff: usable by everybody, on a phone too, in light and dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from automations.models import Automation, Journey
from loyalty import counter
from loyalty.models import Customer
from tests.automations.conftest import move
from tests.browser.conftest import Open
from tests.cast import BY_STAFF, card_of

EDITOR = "/admin/automations/automation/{automation}/change/"
PAGES = {
    "overview": "/admin/",
    "list": "/admin/automations/automation/",
    "new": "/admin/automations/automation/add/",
    "editor": EDITOR,
    "condition": f"{EDITOR}?step=c1",
    "email": f"{EDITOR}?step=m1",
    "choice": f"{EDITOR}?add=c1.no&at=0",
    "trigger": f"{EDITOR}?trigger=0",
    "settings": f"{EDITOR}?settings",
    "move": f"{EDITOR}?move=m1",
    "delete": f"{EDITOR}?delete=c1",
    "people": "/admin/automations/automation/{automation}/people/",
    "journey": "/admin/automations/journey/{journey}/change/",
    "journeys": "/admin/automations/journey/",
    "customers": "/admin/loyalty/customer/",
    "customer": "/admin/loyalty/customer/{customer}/change/",
    "program": "/admin/loyalty/program/{program}/change/",
    "messages": "/admin/messaging/message/",
    "connections": "/admin/integrations/connection/",
}


@pytest.fixture
def journey(forked: Automation, alice: Customer, coffee: Any, now: Any) -> Journey:
    """Alice was scanned, and waits."""
    counter.scan(card_of(alice, coffee).code, by=counter.By("staff:1", BY_STAFF), now=now)
    move(now)
    return forked.journeys.get()


def address(name: str, journey: Journey) -> str:
    assert journey.card
    return PAGES[name].format(
        automation=journey.automation_id,
        journey=journey.pk,
        customer=journey.customer_id,
        program=journey.card.program_id,
    )


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    # Without `preload`, which copies stylesheets into the page: our policy would complain of it.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_a_page(sit_down: Open, journey: Journey, scheme: Any) -> None:
    page = sit_down(color_scheme=scheme)

    found = {}
    for name in PAGES:
        assert page.goto(address(name, journey)).status == 200  # type: ignore[union-attr]
        found[name] = findings(page)

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_at_the_door(
    page: Page, live_server: Any, owner: User, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/admin/login/")

    assert findings(page) == []


def test_no_page_is_wider_than_a_phone(sit_down: Open, journey: Journey) -> None:
    page = sit_down(width=390, height=844, is_mobile=True, has_touch=True)

    for name in PAGES:
        page.goto(address(name, journey))
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} wide"
        assert findings(page) == [], name


def test_what_a_thumb_presses_is_large_enough(sit_down: Open, journey: Journey) -> None:
    page = sit_down(width=390, height=844, is_mobile=True, has_touch=True)

    for name in ("list", "editor", "condition", "settings"):
        page.goto(address(name, journey))
        for button in page.locator("button:visible:not(.enter-saves), .tool:visible").all():
            box = button.bounding_box()
            assert box, button
            assert box["height"] >= 44, f"{name}: {button.evaluate('e => e.outerHTML')[:150]}"


def test_the_menu_opens_on_a_phone_and_leads_on(sit_down: Open, journey: Journey) -> None:
    page = sit_down(width=390, height=844, is_mobile=True, has_touch=True)
    page.goto("/admin/")

    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("link", name="Automations", exact=True).first.tap()

    expect(page.get_by_role("heading", name="Automations")).to_be_visible()
