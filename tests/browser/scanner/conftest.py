"""The counter: paired phones, with and without a camera."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page

from loyalty import cards, clock
from loyalty.causes import Cause
from loyalty.models import Card, Customer, Location, Program
from tests import browsers
from tests.browser.scanner.phones import PHONE, Phone, film, listen, pair


@pytest.fixture
def harbour(
    transactional_db: None, location: Location, settings: Any, live_server: Any
) -> Location:
    """The counter's location; links lead to the server under test."""
    settings.PUBLIC_BASE_URL = live_server.url
    return location


@pytest.fixture
def doras_card(harbour: Location, coffee: Program, dora: Customer) -> Card:
    return cards.issue(coffee, dora, cause=Cause("staff:1"), now=clock.now())[0]


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """When the test ends, nothing may have been complained of in any console."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def phone(
    browser: Browser, live_server: Any, harbour: Location, complaints: list[str]
) -> Iterator[Phone]:
    """`phone(is_kiosk=True)` is a paired phone without a camera; `paired=False` a new one."""
    contexts: list[BrowserContext] = []

    def make(*, paired: bool = True, is_kiosk: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **(PHONE | options))
        contexts.append(context)
        page = context.new_page()
        listen(page, complaints)
        if paired:
            pair(page, harbour, is_kiosk=is_kiosk)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def looking_at(
    browser_type: BrowserType, browser: Browser, live_server: Any, harbour: Location,
    complaints: list[str], tmp_path: Path,
) -> Iterator[Phone]:  # fmt: skip
    """`looking_at(text)` is a paired phone whose camera sees that QR code, all the time."""
    opened: list[Browser] = []

    def make(text: str, *, is_kiosk: bool = False) -> Page:
        seen = film(text, tmp_path / "camera.mjpeg")
        args = [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={seen}",
        ]
        own = browser_type.launch(executable_path=browsers.found(), args=[*browsers.QUIET, *args])
        opened.append(own)
        page = own.new_context(base_url=live_server.url, permissions=["camera"], **PHONE).new_page()
        listen(page, complaints)
        pair(page, harbour, is_kiosk=is_kiosk)
        return page

    yield make
    for each in opened:
        each.close()
