"""Staff's pages of imports: send a file, say what it means, look at what it would do, do it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from loyalty import clock, imports
from loyalty.admin.import_forms import LayoutForm, UploadForm
from loyalty.admin.pages import Record, texts_of
from loyalty.downloads import download
from loyalty.errors import Invalid, LoyaltyError
from loyalty.imports import Wishes, samples
from loyalty.models import Import
from loyalty.models.importing import ImportState

SHOWN_PROBLEMS = 50
# A small file is read, checked and done before the page is back.
AT_ONCE = 1.0  # seconds
Verb = Callable[..., Import]
VERBS: dict[str, Verb] = {
    "check": imports.check,
    "start": imports.start,
    "pause": imports.pause,
    "resume": imports.resume,
    "cancel": imports.cancel,
}


@admin.register(Import)
class ImportAdmin(Record):
    list_display = ["name", "state", "lines", "made", "known", "refused", "created_at"]
    list_filter = ["state", "created_at"]
    change_list_template = "loyalty/imports.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("upload/", view(self.upload_view), name="loyalty_import_upload"),
            path("sample/<slug:kind>/", view(self.sample_view), name="loyalty_import_sample"),
            path("<int:pk>/do/", view(require_POST(self.do_view)), name="loyalty_import_do"),
            path("<int:pk>/progress/", view(self.progress_view), name="loyalty_import_progress"),
            path("<int:pk>/report/", view(self.report_view), name="loyalty_import_report"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_import = {"may_import": self._may(request)}
        return super().changelist_view(request, may_import | (extra_context or {}))

    # --- Pages --------------------------------------------------------------------------------

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        self._require(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file, now = form.cleaned_data["file"], clock.now()
            try:
                source, _new = imports.upload(
                    file.name,
                    file.chunks(),
                    wishes=Wishes(),
                    actor=f"staff:{request.user.pk}",
                    now=now,
                )
            except LoyaltyError as refused:
                form.add_error("file", _said(refused))
            else:
                imports.work(source.pk, now=now, budget=AT_ONCE)
                return redirect("admin:loyalty_import_change", source.pk)
        return self._page(request, "loyalty/import_upload.html", _("Import"), form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        source = self._found(request, object_id)
        form = None
        if source.state in {ImportState.READ, ImportState.CHECKED}:
            is_sent = request.method == "POST"
            if is_sent:
                self._require(request)
            form = LayoutForm(source, request.POST if is_sent else None)
            if is_sent and form.is_valid() and self._understood(request, source, form):
                return redirect("admin:loyalty_import_change", source.pk)
        problems = source.line_problems.order_by("line")[:SHOWN_PROBLEMS]
        return self._page(
            request,
            "loyalty/import.html",
            str(source),
            source=source,
            form=form,
            problems=problems,
            may_change=self._may(request),
            is_changing=bool(form and (form.errors or "change" in request.GET)),
        )

    def do_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require(request)
        source, now = self._found(request, str(pk)), clock.now()
        verb = VERBS.get(request.POST.get("verb", ""))
        if verb is None:
            raise Http404
        self._try(request, verb, source, now)
        return redirect("admin:loyalty_import_change", pk)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A part of the page, asked for again and again; when nothing moves, all of it."""
        source = self._found(request, str(pk))
        answer = TemplateResponse(request, "loyalty/import_progress.html", {"source": source})
        if not source.is_at_work:
            answer["HX-Refresh"] = "true"
        return answer

    def report_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        source = self._found(request, str(pk))
        return download(f"import-{pk}-report.csv", imports.report(source))

    def sample_view(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        self._require(request)
        if kind not in samples.SAMPLES:
            raise Http404
        return download(f"{kind}.csv", samples.sample(kind))

    # --- How ----------------------------------------------------------------------------------

    def _understood(self, request: HttpRequest, source: Import, form: LayoutForm) -> bool:
        """Take what the form says, and check the file at once."""
        now = clock.now()
        try:
            imports.understand(source, form.layout(), form.wishes(), now=now)
        except Invalid as refused:
            for name, texts in refused.fields.items():
                form.add_error(name if name in form.fields else None, texts)
            return False
        except LoyaltyError as refused:
            form.add_error("trigger", refused.message)
            return False
        return self._try(request, imports.check, source, now)

    def _try(self, request: HttpRequest, verb: Verb, source: Import, now: datetime) -> bool:
        try:
            verb(source, now=now)
        except LoyaltyError as refused:
            for text in _said(refused):
                self.message_user(request, text, messages.ERROR)
            return False
        if verb in {imports.check, imports.start}:
            imports.work(source.pk, now=now, budget=AT_ONCE)
        return True

    def _page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        around = self.admin_site.each_context(request)
        page = {"title": title, "opts": self.opts, **context}
        return TemplateResponse(request, template, around | page)

    def _found(self, request: HttpRequest, object_id: str) -> Import:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Import.objects.filter(pk=object_id) if object_id.isdecimal() else None
        source = found.select_related("program").first() if found else None
        if source is None:
            raise Http404
        return source

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm("loyalty.add_import")

    def _require(self, request: HttpRequest) -> None:
        if not self._may(request):
            raise PermissionDenied


def _said(refused: LoyaltyError) -> list[str]:
    return texts_of(refused) or [refused.message]
