"""The list of automations: what each starts with, whether it works, how often it was launched."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from automations.models import Automation, Counter, Version
from automations.models.automation import Mode
from automations.triggers import TRIGGERS

ON_A_PAGE = 50
ORDERS = {
    "name": ["name", "id"],
    "launches": ["-launches", "name"],
    "changed": ["-changed_at", "id"],
}
LOADED = ("threads__triggers", "programs")


@dataclass(frozen=True, slots=True)
class Row:
    automation: Automation
    when: str
    programs: str
    launches: int
    inside: int
    has_changes: bool
    refusal: str = ""


def page(request: HttpRequest) -> HttpResponse:
    """The whole page, or after a search without leaving it the table alone."""
    asked = {name: request.GET.get(name, "") for name in ("q", "mode", "trigger", "label", "sort")}
    existing = Automation.objects.filter(deleted_at=None)
    found = Paginator(with_numbers(_found(existing, asked)), ON_A_PAGE)
    shown: Page = found.get_page(request.GET.get("page"))
    labels = existing.exclude(label="").order_by("label").values_list("label", flat=True)
    context = {
        "title": _("Automations"),
        "asked": asked,
        "is_asked": any(asked[name] for name in ("q", "mode", "trigger", "label")),
        "page": shown,
        "rows": rows(shown),
        "has_any": existing.exists(),
        "modes": Mode.choices,
        "labels": list(labels.distinct()),
        "triggers": [(kind.type, kind.label) for kind in TRIGGERS.values()],
        "can_add": request.user.has_perm("automations.add_automation"),
        "can_publish": may_publish(request),
    }
    return TemplateResponse(
        request, "automations/list.html", admin.site.each_context(request) | context
    )


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("automations.change_automation") and request.user.has_perm(
        "automations.publish_automation"
    )


def row(automation: Automation, refusal: str = "") -> Row:
    """One row anew, after its switch was pressed."""
    fresh = with_numbers(Automation.objects.filter(pk=automation.pk))
    return rows(fresh, refusal)[0]


def with_numbers(found: QuerySet[Automation]) -> QuerySet[Automation]:
    """Each with its launches and how many have left it, in one query."""
    loaded = [f"{name}__{path}" for name in ("live", "draft") for path in LOADED]
    return (
        found.select_related("live", "draft")
        .prefetch_related(*loaded)
        .annotate(launches=_counted("launched"), left=_counted("finished", "stopped"))
    )


def rows(found: Iterable[Automation], refusal: str = "") -> list[Row]:
    return [_row(automation, refusal) for automation in found]


def when(version: Version | None) -> str:
    """What starts it, in words; the first trigger and how many more."""
    triggers = (
        [trigger for thread in version.threads.all() for trigger in thread.triggers.all()]
        if version
        else []
    )
    if not triggers:
        return _("Nothing starts it yet")
    kind = TRIGGERS.get(triggers[0].type)
    said = kind.sentence(triggers[0].params) if kind else triggers[0].type
    return (
        _("%(first)s, and %(n)d more") % {"first": said, "n": len(triggers) - 1}
        if triggers[1:]
        else said
    )


def _row(automation: Automation, refusal: str) -> Row:
    version = automation.live if automation.is_working else automation.draft or automation.live
    launches, left = getattr(automation, "launches", 0), getattr(automation, "left", 0)
    return Row(
        automation,
        when(version),
        ", ".join(program.name for program in version.programs.all()) if version else "",
        launches,
        max(0, launches - left),
        automation.is_working and automation.draft_id is not None,
        refusal,
    )


def _counted(*metrics: str) -> Coalesce:
    of_it = Counter.objects.filter(automation=OuterRef("pk"), step_key="", metric__in=metrics)
    total = of_it.order_by().values("automation").annotate(total=Sum("n")).values("total")
    return Coalesce(Subquery(total), 0)


def _found(existing: QuerySet[Automation], asked: dict[str, str]) -> QuerySet[Automation]:
    if asked["q"]:
        existing = existing.filter(
            Q(name__icontains=asked["q"])
            | Q(slug__icontains=asked["q"])
            | Q(label__icontains=asked["q"])
        )
    if asked["mode"] in Mode.values:
        existing = existing.filter(mode=asked["mode"])
    if asked["label"]:
        existing = existing.filter(label=asked["label"])
    if asked["trigger"]:
        starts = Version.objects.filter(threads__triggers__type=asked["trigger"])
        existing = existing.filter(Q(live__in=starts) | Q(draft__in=starts))
    return existing.order_by(*ORDERS.get(asked["sort"], ORDERS["name"]))
