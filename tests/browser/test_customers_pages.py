"""A customer on a phone: joins, watches the card, says what they want, and leaves for good."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from loyalty import card_links, clock, tokens
from loyalty.models import Card, Customer, Program
from messaging.models import Sender
from tests.browser.conftest import Open
from tests.browser.test_pages import findings
from tests.cast import card_of, give
from tests.loyalty.mailbox import link

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture
def pick_up(browser: Browser, live_server: Any, shop: Sender) -> Iterator[Open]:
    """`pick_up(color_scheme="dark")` gives a page on a phone; no console may complain."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def note(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and "ERR_INTERNET_DISCONNECTED" not in said.text:
            complaints.append(said.text)

    def phone(**options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **PHONE | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield phone

    for context in contexts:
        context.close()
    assert complaints == []


def join(page: Page, program: str = "coffee") -> Card:
    page.goto(f"/join/{program}/")
    page.get_by_label("First name").fill("Nadia")
    page.get_by_role("textbox", name="Email").fill("nadia@example.com")
    page.get_by_label("Send me news").check()
    page.get_by_role("button", name="Get my card").click()
    expect(page.get_by_text("This is your card")).to_be_visible()
    return Card.objects.select_related("customer").latest("pk")


def accrue(card: Card, amount: int, key: str) -> None:
    """As the till does."""
    _token, plain = tokens.make_token(f"Till {key}", ["scanner"], now=clock.now())
    answer = Client().post(
        f"/api/v1/cards/{card.serial}/accrue/",
        {"amount": amount},
        content_type="application/json",
        headers={"Authorization": f"Bearer {plain}", "Idempotency-Key": key},
    )
    assert answer.status_code == 200


def test_from_joining_to_leaving(pick_up: Open) -> None:
    page = pick_up()
    card = join(page)
    assert card.customer.consents_to("email")

    expect(page.get_by_text("0 stamps", exact=False).first).to_be_visible()
    accrue(card, 3, "three coffees")
    expect(page.locator(".big")).to_contain_text("3 stamps", timeout=8_000)
    assert page.locator(".stamps .is-filled").count() == 3

    page.get_by_role("button", name="Show the code large").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Close").tap()

    page.goto(link("nadia@example.com"))
    page.get_by_role("button", name="Open my cards").tap()
    expect(page.get_by_role("heading", name="Nadia’s cards")).to_be_visible()
    page.get_by_role("link", name="My data and wishes").tap()
    page.get_by_label("News and offers by email").uncheck()
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert not Customer.objects.get(pk=card.customer_id).consents_to("email")

    page.get_by_role("link", name="Delete my cards and my data").tap()
    page.get_by_role("button", name="Mail me the link").tap()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link("nadia@example.com"))
    page.get_by_role("button", name="Delete everything").tap()
    expect(page.get_by_role("heading", name="Your data is deleted")).to_be_visible()
    assert Customer.objects.get(pk=card.customer_id).erased_at


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(pick_up: Open, alice: Customer, aurora: Program, scheme: Any) -> None:
    page = pick_up(color_scheme=scheme)
    card = card_of(alice, aurora)
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        width = page.evaluate("document.documentElement.scrollWidth")
        found[name] = findings(page) + ([f"{width} wide"] if width > 390 else [])

    for name, path in {
        "join": "/join/coffee/",
        "door": "/c/",
        "card": f"/c/{card_links.key_of(card, now=clock.now())}/",
    }.items():
        page.goto(path)
        look(name)
    page.get_by_role("button", name="Show the code large").tap()
    look("code")
    page.goto("/c/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button", name="Mail me the link").tap()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    look("mailed")
    page.goto(link(alice.email))
    look("link")
    page.get_by_role("button", name="Open my cards").tap()
    expect(page.get_by_role("heading", name="Alice’s cards")).to_be_visible()
    look("cards")
    for path in ("/c/me/", "/c/me/delete/"):
        page.goto(path)
        look(path)

    assert {name: each for name, each in found.items() if each} == {}


def test_a_card_needs_no_script(pick_up: Open) -> None:
    page = pick_up(java_script_enabled=False)

    card = join(page)

    give(card, 4, "four coffees", clock.now())
    page.reload()
    expect(page.locator(".big")).to_contain_text("4 stamps")
    assert page.locator(".enlarge .qr-code").count() == 1


def test_it_opens_without_a_connection(pick_up: Open, alice: Customer, aurora: Program) -> None:
    page = pick_up()
    address = f"/c/{card_links.key_of(card_of(alice, aurora), now=clock.now())}/"
    page.goto(address)
    kept = f"caches.match('{address}').then(Boolean)"
    until = time.monotonic() + 10
    while not page.evaluate(kept):
        assert time.monotonic() < until, "the worker keeps nothing"
        page.wait_for_timeout(100)

    page.context.set_offline(True)
    page.reload()

    expect(page.locator(".big")).to_contain_text("100 points")
    expect(page.locator(".enlarge .qr-code")).to_be_visible()
    expect(page.get_by_text("You are offline")).to_be_visible(timeout=8_000)
    page.context.set_offline(False)


def test_what_is_kept_for_them_is_handed_over(
    pick_up: Open, alice: Customer, aurora: Program
) -> None:
    page = pick_up()
    card = card_of(alice, aurora)
    page.goto(f"/c/{card_links.key_of(card, now=clock.now())}/")

    page.get_by_role("button", name="Keep it for me: A piece of cake").tap()
    expect(page.get_by_role("heading", name="Kept for you")).to_be_visible()
    expect(page.locator(".big")).to_contain_text("50 points")

    page.get_by_role("button", name="Give it back").tap()
    expect(page.locator(".big")).to_contain_text("100 points")
