"""Automations that work under rules: columns of the thread, the version and the automation."""

from datetime import datetime
from typing import Any

from automations import portable, publishing
from automations.models import Automation, Decision
from automations.models.automation import Thread, Version
from automations.steps.condition import Condition
from tests.automations.chains import WAVED

BROKEN: dict[str, Any] = {
    "key": "broken",
    "type": "condition",
    "filter": ["customer.first_name", "=", "Dora"],
    "branches": {},
}


def ruled(
    steps: list[dict[str, Any]],
    now: datetime,
    *,
    thread: dict[str, Any] | None = None,
    version: dict[str, Any] | None = None,
    budget: dict[str, Any] | None = None,
    trigger: dict[str, Any] = WAVED,
    slug: str = "ruled",
) -> Automation:
    """Published with them; the version's `locations` are rows."""
    source = {"format": 1, "slug": slug, "name": slug, "triggers": [trigger], "steps": steps}
    automation = portable.read(source, now=now)
    draft = automation.draft
    assert draft is not None
    columns = dict(version or {})
    draft.locations.set(columns.pop("locations", []))
    _set(Thread.objects.filter(version=draft), thread)
    _set(Version.objects.filter(pk=draft.pk), columns)
    _set(Automation.objects.filter(pk=automation.pk), budget)
    automation.refresh_from_db()
    publishing.publish(automation, now=now)
    automation.refresh_from_db()
    return automation


def refusals() -> list[str]:
    """Why somebody was not let in, in order."""
    refused = Decision.objects.filter(verdict="refused").order_by("pk")
    return list(refused.values_list("reason", flat=True))


def break_it() -> None:
    """From now on that step raises."""
    Condition.objects.filter(key="broken").update(filter={"what": "is this"})


def _set(rows: Any, columns: dict[str, Any] | None) -> None:
    if columns:
        rows.update(**columns)
