"""Takes pictures of staff's pages: `make screenshots`. The README's go to docs/images, the rest,
dark and on a phone, to data/screenshots to be looked at.

Builds the demo business in a folder of its own, gives some customers their tenth stamp with the
scanner's token, lets the engine do what follows, and photographs staff's pages.
"""

import json
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, sync_playwright

from tests import browsers
from tests.house import ROOT, House

IMAGES = ROOT / "docs" / "images"
LOOKED_AT = ROOT / "data" / "screenshots"
IN_THE_README = ("editor", "journey")
FULL_CARDS = 9
DESK = {"viewport": {"width": 1360, "height": 860}, "device_scale_factor": 1.5}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}


@dataclass(frozen=True)
class Shop:
    """The demo, as it prints itself."""

    url: str
    said: dict[str, Any]

    def fill_some_cards(self) -> None:
        token = {"Authorization": f"Bearer {self.said['scanner_token']}"}
        for serial in self._coffee_cards()[:FULL_CARDS]:
            requests.post(
                f"{self.url}/api/v1/cards/{serial}/accrue/",
                json={"amount": 10},
                headers=token | {"Idempotency-Key": f"tenth-{serial}"},
                timeout=10,
            ).raise_for_status()

    def _coffee_cards(self) -> list[str]:
        cards = [card for customer in self.said["customers"] for card in customer["cards"]]
        return [card["serial"] for card in cards if card["program"] == "coffee"]


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    keys = {"SECRET_KEY": secrets.token_hex(32), "REGULARS_KEYS": Fernet.generate_key().decode()}
    house = House(f"sqlite:///{folder / 'shop.sqlite3'}", keys | {"PUBLIC_BASE_URL": url})
    try:
        shop = Shop(url, json.loads(house.manage("demo", "--json", "--no-input").stdout))
        house.start("runserver", f"127.0.0.1:{port}", "--noreload")
        _wait_for(url)
        shop.fill_some_cards()
        house.manage("drain", "--no-input")
        yield shop
    finally:
        house.stop()


def _wait_for(url: str) -> None:
    for _try in range(150):
        try:
            requests.get(f"{url}/healthz", timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise TimeoutError(url)


def sign_in(browser: Browser, shop: Shop, **options: Any) -> Page:
    page = browser.new_context(base_url=shop.url, **options).new_page()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(shop.said["admin"]["username"])
    page.get_by_label("Password").fill(shop.said["admin"]["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    return page


def take(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    folder = IMAGES if name in IN_THE_README else LOOKED_AT
    page.screenshot(path=folder / f"{name}.png", animations="disabled")


def tour(page: Page, suffix: str = "") -> None:
    """Overview, list, editor, a step, a journey."""
    page.goto("/admin/")
    take(page, f"overview{suffix}")
    page.goto("/admin/automations/automation/")
    take(page, f"automations{suffix}")
    page.locator("tr", has=page.locator('[aria-checked="true"]')).locator("th a").first.click()
    page.locator("#editor").wait_for()
    take(page, f"editor{suffix}")
    page.locator(".node:not(.node-trigger) .card-link").first.click()
    page.locator("#panel-form").wait_for()
    page.wait_for_load_state("networkidle")
    take(page, f"step{suffix}")
    page.get_by_role("link", name="People").click()
    page.locator(".people th a").first.click()
    page.locator(".timeline").wait_for()
    take(page, f"journey{suffix}")


def main() -> None:
    for pictures in (IMAGES, LOOKED_AT):
        pictures.mkdir(parents=True, exist_ok=True)
    if browsers.found() is None:
        sys.exit(browsers.NONE_FOUND)
    # What comes after Playwright has begun would otherwise be taken for asynchronous code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with (
        tempfile.TemporaryDirectory() as folder,
        open_shop(Path(folder)) as shop,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browsers.found(), args=browsers.QUIET)
        tour(sign_in(browser, shop, **DESK))
        tour(sign_in(browser, shop, **DESK, color_scheme="dark"), "-dark")
        tour(sign_in(browser, shop, **PHONE), "-phone")
        browser.close()


if __name__ == "__main__":
    main()
