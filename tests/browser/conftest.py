"""Staff at a real browser: signed in, and nothing on any page breaks the page's own policy."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from automations import portable, publishing
from automations.models import Automation
from loyalty.models import Program
from messaging.models import Sender

Open = Callable[..., Page]

FORKED: dict[str, Any] = {
    "format": 1,
    "slug": "welcome-back",
    "name": "Welcome back",
    "label": "retention",
    "programs": ["coffee"],
    "triggers": [{"type": "card_scanned", "params": {}}],
    "steps": [
        {
            "key": "c1",
            "type": "condition",
            "filter": {"any": [["customer.tags", "has", "vip"], ["customer.points", ">", 50]]},
            "branches": {
                "yes": [
                    {"key": "m1", "type": "send_email", "subject": "Hello again", "body": "Hi."},
                    {"key": "t1", "type": "add_tag", "tag": "regular"},
                ],
                "no": [{"key": "t2", "type": "add_tag", "tag": "newcomer"}],
            },
        },
        {"key": "w1", "type": "wait", "for": "P1D"},
    ],
}


@pytest.fixture
def shop(transactional_db: None, coffee: Program, aurora: Program) -> Sender:
    """Two programs, and a sender that is used where none is chosen."""
    return Sender.objects.create(
        name="Outbox", provider="outbox", from_address="hello@aurora.example", is_default=True
    )


@pytest.fixture
def forked(shop: Sender, now: datetime) -> Automation:
    """A chain with a condition and both branches, working."""
    automation = portable.read(FORKED, now=now)
    publishing.publish(automation, now=now)
    return automation


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_superuser("mira", password="latte macchiato")


@pytest.fixture
def sit_down(browser: Browser, live_server: Any, owner: User) -> Iterator[Open]:
    """`sit_down(width=390, java_script_enabled=False)` opens a browser where mira is signed in.

    When the test ends, nothing may have been complained of in any console.
    """
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def note(said: ConsoleMessage) -> None:
        # That a form needs another look is an answer, though browsers log each 422 as an error.
        if said.type in ("error", "warning") and "422" not in said.text:
            complaints.append(said.text)

    def open_browser(width: int = 1360, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, **options
        )
        contexts.append(context)
        client = Client()
        client.force_login(owner)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_browser

    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def staff(sit_down: Open) -> Page:
    """At a desk."""
    return sit_down()
