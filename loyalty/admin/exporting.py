"""The list of customers as a file: those that it shows, and what is theirs."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from loyalty import exports
from loyalty.models import Customer

FORMATS = ("csv", "xlsx")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Exporting(admin.ModelAdmin):
    """Adds the page and the files to the admin of customers. Who took what is in staff's log."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("export/", view(self.export_view), name="loyalty_customer_export"),
            path(
                "export/<slug:what>.<slug:kind>",
                view(self.file_view),
                name="loyalty_customer_export_file",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        tools = {
            "may_import": request.user.has_perm("loyalty.add_import"),
            "may_export": request.user.has_perm("loyalty.export_customer"),
        }
        return super().changelist_view(request, tools | (extra_context or {}))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """What may be taken, of how many customers."""
        self._require(request)
        page = {
            "title": _("Export"),
            "opts": self.opts,
            "tables": exports.TABLES,
            "formats": FORMATS,
            "customers": self._asked(request).count(),
            "query": request.GET.urlencode(),
        }
        return TemplateResponse(
            request, "loyalty/export.html", self.admin_site.each_context(request) | page
        )

    def file_view(self, request: HttpRequest, what: str, kind: str) -> HttpResponseBase:
        self._require(request)
        table = exports.TABLES.get(what)
        if table is None or kind not in FORMATS:
            raise Http404
        found = self._asked(request)
        rows, name = table.rows(found), f"{what}.{kind}"
        answer: HttpResponseBase
        if kind == "csv":
            answer = StreamingHttpResponse(
                exports.as_csv(table, rows), content_type="text/csv; charset=utf-8"
            )
        else:
            try:
                sheet = exports.as_sheet(table, rows)
            except exports.TooMany as refused:
                self.message_user(request, refused.message, messages.ERROR)
                return redirect(f"{request.path.rpartition('/')[0]}/?{request.GET.urlencode()}")
            answer = FileResponse(sheet, content_type=SHEET)
        self._note(request, what, kind, found.count())
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    def _asked(self, request: HttpRequest) -> Any:
        """The customers that the list shows for this address."""
        return self.get_changelist_instance(request).get_queryset(request)

    def _require(self, request: HttpRequest) -> None:
        if not request.user.has_perm("loyalty.export_customer"):
            raise PermissionDenied

    def _note(self, request: HttpRequest, what: str, kind: str, customers: int) -> None:
        said = _("Exported %(what)s of %(n)d customers as %(kind)s.")
        LogEntry.objects.create(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(Customer),
            object_repr=_("Export"),
            action_flag=CHANGE,
            change_message=said % {"what": what, "n": customers, "kind": kind},
        )
