"""Which browser the browser tests drive."""

import shutil
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE_FOUND = "No Chromium or Chrome on this machine."

# Without these it calls home at every start, and needs privileges a container lacks.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@cache
def found() -> str | None:
    """The machine's browser, or else the one Playwright installed."""
    of_the_machine = filter(None, map(shutil.which, NAMES))
    of_playwright = Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome")
    return next(of_the_machine, None) or next(map(str, sorted(of_playwright)), None)
