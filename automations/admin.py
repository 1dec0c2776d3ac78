"""Where the editor's pages hang in Django's admin, and who may see them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from automations import segment_pages  # noqa: F401 (registers its pages)
from automations.editor import history, listing, mode, people, settings, threads, views
from automations.models import Automation, Journey
from automations.models.journey import JourneyState


@admin.register(Automation)
class AutomationAdmin(admin.ModelAdmin):
    """The editor instead of Django's form. Rights are Django's own, checked in each view."""

    search_fields = ["name"]

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Any, name: str) -> URLPattern:
            guarded: Any = self.admin_site.admin_view(view)
            pattern: URLPattern = path(route, guarded, name=f"automations_automation_{name}")
            return pattern

        return [
            at("", self.changelist_view, "changelist"),
            at("add/", views.add, "add"),
            at("<int:pk>/change/", views.build, "change"),
            at("<int:pk>/people/", people.of_automation, "people"),
            at("<int:pk>/history/", history.of_automation, "history"),
            at("<int:pk>/mode/", mode.switch, "mode"),
            at("<int:pk>/trigger/", threads.trigger, "trigger"),
            at("<int:pk>/trigger/remove/", threads.remove_trigger, "trigger_remove"),
            at("<int:pk>/threads/", threads.add_thread, "threads"),
            at("<int:pk>/threads/name/", threads.rename_thread, "thread_name"),
            at("<int:pk>/threads/delete/", threads.delete_thread, "thread_delete"),
            at("<int:pk>/settings/<slug:name>/", settings.save, "settings"),
            at("<int:pk>/delete/", views.delete_all, "delete_all"),
            at("<int:pk>/steps/", views.add_step, "steps"),
            at("<int:pk>/steps/<slug:key>/", views.save_step, "step"),
            at("<int:pk>/steps/<slug:key>/move/", views.move_step, "step_move"),
            at("<int:pk>/steps/<slug:key>/delete/", views.delete_step, "step_delete"),
            at("<int:pk>/steps/<slug:key>/preview/", views.step_preview, "step_preview"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return listing.page(request)


@admin.register(Journey)
class JourneyAdmin(admin.ModelAdmin):
    """Journeys are moved by the engine alone: here they are only looked at."""

    list_display = ["who", "automation", "state_badge", "due", "started", "note"]
    list_filter = ["state", "automation"]
    list_select_related = ["customer", "automation"]
    search_fields = ["=customer__email", "customer__last_name", "customer__first_name"]
    search_help_text = _("A name, or an email address in full.")
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Journey]:
        return super().get_queryset(request).order_by("-id")

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Any, name: str) -> URLPattern:
            guarded: Any = self.admin_site.admin_view(view)
            pattern: URLPattern = path(route, guarded, name=f"automations_journey_{name}")
            return pattern

        return [
            at("", self.changelist_view, "changelist"),
            at("<int:pk>/change/", self.journey, "change"),
        ]

    def journey(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        related = ["customer", "card__program", "event", "automation", "version"]
        return people.journey_page(
            request, get_object_or_404(Journey.objects.select_related(*related), pk=pk)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Journey | None = None) -> bool:
        return False

    @admin.display(description=_("customer"))
    def who(self, journey: Journey) -> str:
        return str(journey.customer) if journey.customer else journey.subject

    @admin.display(description=_("goes on"), ordering="due_at")
    def due(self, journey: Journey) -> str:
        return _short(journey.due_at)

    @admin.display(description=_("entered"), ordering="started_at")
    def started(self, journey: Journey) -> str:
        return _short(journey.started_at)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, journey: Journey) -> str:
        state = JourneyState(journey.state)
        return format_html(
            '<span class="badge tone-{}">{}</span>', people.STATE_TONES[state], state.label
        )


def _short(at: datetime | None) -> str:
    if at is None:
        return ""
    return format_html(
        '<span class="nowrap">{}</span>', date_format(localtime(at), "DATETIME_FORMAT")
    )
