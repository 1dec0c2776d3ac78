"""The pages of RFM: everybody on one grid, and the scheme's thresholds and names."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty import clock, rfm
from loyalty.admin import rfm_grid
from loyalty.admin.pages import Record
from loyalty.admin.rfm_scheme import SchemeForm
from loyalty.errors import Invalid
from loyalty.models import Rfm
from loyalty.rfm import Scheme


@admin.register(Rfm)
class RfmAdmin(Record):
    """Looked at by whoever may see it, changed by its verb on a page of its own."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.changelist_view), name="loyalty_rfm_changelist"),
            path("scheme/", guard(self.scheme), name="loyalty_rfm_scheme"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._count(request)
        row, scheme = rfm.settings(), rfm.current()
        counted = rfm_grid.counted()
        everybody = sum(counted.values())
        page = {
            "title": _("RFM segments"),
            "opts": self.opts,
            "row": row,
            "scheme": scheme,
            "grid": rfm_grid.grid(scheme, counted, everybody),
            "parts": rfm_grid.parts(scheme, counted, everybody),
            "everybody": everybody,
            "may_change": _may_change(request),
        }
        return self._shown(request, "loyalty/rfm.html", page)

    def scheme(self, request: HttpRequest) -> HttpResponse:
        """Another preset, thresholds or names: first what they would do, then done."""
        if not _may_change(request):
            raise PermissionDenied
        row = rfm.settings()
        preset = rfm.PRESETS.get(request.GET.get("preset", row.preset), rfm.PRESETS[row.preset])
        form = SchemeForm(request.POST or None, preset=preset, row=row)
        page: dict[str, Any] = {"title": _("Thresholds and names"), "opts": self.opts}
        page |= {"form": form, "preset": preset, "presets": rfm.PRESETS.values(), "row": row}
        if form.is_valid():
            try:
                if "preview" not in request.POST:
                    return self._configured(request, form)
                page["preview"] = _preview(form.scheme())
            except Invalid as refused:
                for name, texts in refused.fields.items():
                    form.add_error(form.nearest(name), texts)
        status = 422 if form.is_bound and form.errors else 200
        return self._shown(request, "loyalty/rfm_scheme.html", page, status)

    def _configured(self, request: HttpRequest, form: "SchemeForm") -> HttpResponse:
        moved = rfm.configure(**form.said(), tell=form.cleaned_data["tell"], now=clock.now())
        said = ngettext(
            "Saved, and everybody was counted: %(n)d customer moved.",
            "Saved, and everybody was counted: %(n)d customers moved.",
            moved,
        )
        messages.success(request, said % {"n": moved})
        return redirect("admin:loyalty_rfm_changelist")

    def _count(self, request: HttpRequest) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        moved = rfm.recount(now=clock.now())
        said = ngettext(
            "Everybody was counted: %(n)d customer moved.",
            "Everybody was counted: %(n)d customers moved.",
            moved,
        )
        messages.success(request, said % {"n": moved})
        return redirect("admin:loyalty_rfm_changelist")

    def _shown(
        self, request: HttpRequest, template: str, page: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | page
        return TemplateResponse(request, template, context, status=status)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("loyalty.change_rfm")


def _preview(scheme: Scheme) -> dict[str, Any]:
    found = rfm.preview(scheme, now=clock.now())
    sizes = [
        (kind, scheme.name(kind.slug), found["sizes"].get(kind.slug, 0)) for kind in scheme.kinds
    ]
    return {**found, "sizes": sizes}
