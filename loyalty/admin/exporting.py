"""The list of customers as a file: whom it shows, and what is theirs; and the files there are."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from loyalty import clock, exports
from loyalty.admin.pages import Record, texts_of
from loyalty.downloads import download
from loyalty.errors import LoyaltyError, NotFound
from loyalty.models import Customer, Export
from loyalty.models.exporting import ExportState

RIGHT = "loyalty.export_customer"
SHOWN = 5
# A small file is written before the page is back.
AT_ONCE = 1.0  # seconds


class Exporting(admin.ModelAdmin):
    """Adds the page that asks for files to the admin of customers."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [path("export/", view(self.export_view), name="loyalty_customer_export")]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        tools = {
            "may_import": request.user.has_perm("loyalty.add_import"),
            "may_export": request.user.has_perm(RIGHT),
        }
        return super().changelist_view(request, tools | (extra_context or {}))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """What may be taken, of how many customers; sent as a form, it is begun."""
        _require(request)
        if request.method == "POST":
            return self._begun(request)
        page = {
            "title": _("Export"),
            "opts": self.opts,
            "tables": exports.TABLES,
            "formats": exports.FORMATS,
            "customers": self._asked(request).count(),
            "query": request.GET.urlencode(),
            "kept": exports.KEPT.days,
            "most_lines": exports.FORMATS["xlsx"].most_lines,
            "recent": Export.objects.exclude(state=ExportState.DELETED)[:SHOWN],
        }
        return TemplateResponse(
            request, "loyalty/export.html", self.admin_site.each_context(request) | page
        )

    def _begun(self, request: HttpRequest) -> HttpResponse:
        table, _dot, kind = request.POST.get("file", "").partition(".")
        asked = self._asked(request).order_by("pk").values_list("pk", flat=True).distinct()
        now = clock.now()
        try:
            source, _new = exports.begin(
                asked.iterator(),
                table=table,
                kind=kind,
                actor=f"staff:{request.user.pk}",
                now=now,
            )
        except LoyaltyError as refused:
            for text in texts_of(refused):
                self.message_user(request, text, messages.ERROR)
            return redirect(request.get_full_path())
        exports.work(source.pk, now=now, budget=AT_ONCE, is_awaited=True)
        source.refresh_from_db()
        is_ready = source.state == ExportState.FINISHED
        page = "admin:loyalty_export_file" if is_ready else "admin:loyalty_export_change"
        return redirect(page, source.pk)

    def _asked(self, request: HttpRequest) -> Any:
        """The customers that the list shows for this address."""
        return self.get_changelist_instance(request).get_queryset(request)


@admin.register(Export)
class ExportAdmin(Record):
    """The files there are, and how far they are. Who has the right may open all of them."""

    list_display = ["name", "state", "customers", "rows", "created_at"]
    list_filter = ["state", "created_at"]
    list_display_links = ["name"]
    when_empty = gettext_lazy(
        "Files that were taken from the list of customers stand here for some days."
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(RIGHT)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/progress/", view(self.progress_view), name="loyalty_export_progress"),
            path("<int:pk>/file/", view(self.file_view), name="loyalty_export_file"),
            path(
                "<int:pk>/cancel/",
                view(require_POST(self.cancel_view)),
                name="loyalty_export_cancel",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        source = _found(request, object_id)
        page = {"title": str(source), "opts": self.opts} | _told(source)
        return TemplateResponse(
            request, "loyalty/export_file.html", self.admin_site.each_context(request) | page
        )

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A part of the page, asked for again and again; when nothing moves, all of it."""
        source = _found(request, str(pk))
        answer = TemplateResponse(request, "loyalty/export_progress.html", _told(source))
        if not source.is_at_work:
            answer["HX-Refresh"] = "true"
        return answer

    def file_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        source = _found(request, str(pk))
        try:
            file = exports.file_of(source, now=clock.now())
        except NotFound:
            raise Http404 from None
        _note(request, source)
        return download(file.name, file.pieces, media_type=file.media_type, length=file.length)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        exports.cancel(_found(request, str(pk)))
        return redirect("admin:loyalty_export_change", pk)


def _told(source: Export) -> dict[str, Any]:
    return {
        "source": source,
        "percent": exports.percent(source),
        "table": exports.TABLES[source.table],
        "is_ready": source.state == ExportState.FINISHED and source.expires_at > clock.now(),
    }


def _found(request: HttpRequest, object_id: str) -> Export:
    _require(request)
    source = Export.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
    if source is None:
        raise Http404
    return source


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied


def _note(request: HttpRequest, source: Export) -> None:
    """Who took what is in staff's log."""
    said = _("Exported %(what)s of %(n)d customers as %(kind)s.")
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(Customer),
        object_repr=_("Export"),
        action_flag=CHANGE,
        change_message=said % {"what": source.table, "n": source.customers, "kind": source.format},
    )
