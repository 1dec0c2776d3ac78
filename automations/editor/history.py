"""The versions of an automation: when each was published, by whom, what changed, who is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from automations import changes, portable
from automations.changes import Chain, Change
from automations.editor import causes
from automations.editor.answers import allowed
from automations.editor.page import Page
from automations.engine.journeys import INSIDE
from automations.models import Automation, Journey, Version

ON_A_PAGE = 20
NAMED = 3  # steps that are called by their names; of more, how many


@dataclass(frozen=True, slots=True)
class Line:
    """One version in the list."""

    version: Version
    what: str
    by: str
    people: int


@require_GET
@allowed("view")
def of_automation(page: Page) -> HttpResponse:
    """The newest version first; the draft is the one that was not published."""
    automation = page.automation
    shown = Paginator(automation.versions.order_by("-number"), ON_A_PAGE).get_page(
        page.request.GET.get("page")
    )
    context: dict[str, Any] = {
        "title": automation.name,
        "automation": automation,
        "launched": page.numbers.launched,
        "page": shown,
        "lines": _lines(automation, list(shown)),
    }
    return render(
        page.request,
        "automations/history.html",
        admin.site.each_context(page.request) | context,
    )


def _lines(automation: Automation, shown: list[Version]) -> list[Line]:
    people = _people(automation)
    lines, newer = [], dict(zip(shown, _before(automation, shown), strict=True))
    chains: dict[int, Chain] = {}
    for version, before in newer.items():
        lines.append(
            Line(
                version,
                _what(automation, before, version, chains),
                causes.cause(version.published_by) if version.published_by else "",
                people.get(version.pk, 0),
            )
        )
    return lines


def _before(automation: Automation, shown: list[Version]) -> list[Version | None]:
    """To each the one before it that was published."""
    if not shown:
        return []
    published = automation.versions.exclude(published_at=None)
    older = published.filter(number__lt=shown[-1].number).order_by("-number").first()
    found: list[Version | None] = []
    for at in range(len(shown)):
        rest = (version for version in shown[at + 1 :] if version.is_published)
        found.append(next(rest, older))
    return found


def _people(automation: Automation) -> Mapping[int, int]:
    """How many are inside each version; a person counts once, however many branches walk."""
    inside = Journey.objects.filter(automation=automation, state__in=INSIDE, parent=None)
    return dict(inside.order_by().values_list("version").annotate(n=Count("pk")))


# --- What changed ---------------------------------------------------------------------------------


def _what(
    automation: Automation, before: Version | None, version: Version, chains: dict[int, Chain]
) -> str:
    new = chains.setdefault(version.pk, Chain(version))
    if before is None:
        n = len(new.steps)
        return ngettext("%(n)d step", "%(n)d steps", n) % {"n": n}
    old = chains.setdefault(before.pk, Chain(before))
    found = changes.between(old, new)
    parts = [said for kind in Change if (said := _said(kind, found, old, new))]
    if _rules(automation, before) != _rules(automation, version):
        parts.append(_("what starts it or the settings"))
    return "; ".join(parts) or _("Nothing")


def _said(kind: Change, found: Mapping[str, Change], old: Chain, new: Chain) -> str:
    keys = [key for key, change in found.items() if change == kind]
    if not keys:
        return ""
    if len(keys) > NAMED:
        steps = ngettext("%(n)d step", "%(n)d steps", len(keys)) % {"n": len(keys)}
    else:
        steps = ", ".join(f"“{(new.steps.get(key) or old.steps[key]).label}”" for key in keys)
    words = {
        Change.ADDED: _("added %(steps)s"),
        Change.REMOVED: _("deleted %(steps)s"),
        Change.CHANGED: _("changed %(steps)s"),
        Change.MOVED: _("moved %(steps)s"),
    }
    return words[kind] % {"steps": steps}


def _rules(automation: Automation, version: Version) -> dict[str, Any]:
    """All of a version but its steps."""
    document = portable.write(automation, version)
    threads = document.pop("threads", None) or [document]
    bare = [{name: each[name] for name in each if name != "steps"} for each in threads]
    return {**document, "steps": [], "threads": bare}
