"""Phones that are scanners, and cards held up to their cameras."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import segno
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, expect

from loyalty import clock, pairings
from loyalty.models import Card, Location, Operation

Phone = Callable[..., Page]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
# What a browser logs by itself where the network is away, or the API says no.
EXPECTED = ("net::ERR_", "status of 4")


def frame(text: str) -> Image.Image:
    """What a camera sees of a QR code: on a table, not straight, not filling the picture."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=8, border=4)
    code = Image.open(drawn).convert("RGB").rotate(7, expand=True, fillcolor=(214, 208, 196))
    code.thumbnail((330, 330))
    table = Image.new("RGB", (640, 480), (214, 208, 196))
    table.paste(code, (170, 80))
    return table


def film(text: str, path: Path) -> Path:
    """A few frames as MJPEG, which Chromium plays to a page as its camera."""
    shot = io.BytesIO()
    frame(text).save(shot, "jpeg", quality=85)
    path.write_bytes(shot.getvalue() * 10)
    return path


def listen(page: Page, complaints: list[str]) -> None:
    def note(said: ConsoleMessage) -> None:
        expected = any(text in said.text for text in EXPECTED)
        if said.type in ("error", "warning") and not expected:
            complaints.append(said.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def pair(page: Page, location: Location, *, is_kiosk: bool = False) -> None:
    """As a phone's own camera app does it: it opens the address."""
    _pairing, code = pairings.offer(
        "Phone at the bar", location, is_kiosk=is_kiosk, now=clock.now()
    )
    page.goto(f"/scanner/pair/#{code}")
    expect(page.locator("#toast")).to_contain_text("Paired: Phone at the bar")


def type_in(page: Page, code: str) -> None:
    """As a hand-held reader does: fast, and with Enter."""
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def press(page: Page, digits: str) -> None:
    """On the large keys."""
    for digit in digits:
        page.get_by_role("button", name=digit, exact=True).click()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def done_to(card: Card) -> list[tuple[str, int]]:
    """What tills did to it, oldest first."""
    rows = Operation.objects.filter(card=card).exclude(kind="issue").order_by("pk")
    return [
        (operation.kind, entry.amount)
        for operation in rows
        for entry in operation.entries.order_by("pk")
    ]
