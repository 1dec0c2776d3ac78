"""The pages of segments. They stand here because a condition is edited with the editor's rows."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from automations import filters
from automations.editor import matches
from automations.editor.answers import is_row_button
from automations.editor.forms import ConditionField
from loyalty import attributes, clock, segments
from loyalty.admin.pages import Record
from loyalty.errors import Invalid
from loyalty.fields import FieldSet, of_programs
from loyalty.models import Customer, Segment
from loyalty.segments import LONGEST_NAME

FIRST_ONES = 20


@dataclass(frozen=True, slots=True)
class Row:
    segment: Segment
    sentence: str
    customers_url: str


class SegmentForm(forms.Form):
    """`slug` is asked for once: conditions and automations name a segment by it."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=LONGEST_NAME)
    tell = forms.BooleanField(
        label=gettext_lazy("Start automations for those who come and go by this"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise they come and go in silence this once, and are told of from then on."
        ),
    )

    def __init__(self, *args: Any, segment: Segment | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.segment = segment
        tell = self.fields.pop("tell")
        if segment is None:
            self.fields["slug"] = forms.SlugField(
                label=gettext_lazy("name in conditions"),
                required=False,
                max_length=60,
                help_text=_("Empty: made from the name. It cannot be changed later."),
            )
        self.fields["condition"] = ConditionField(
            fields=asked(), label=gettext_lazy("Who belongs to it")
        )
        self.fields["tell"] = tell
        if segment is not None:
            self.initial["name"], self.initial["condition"] = segment.name, segment.condition

    def save(self) -> Segment:
        """Raises Invalid."""
        values, now = self.cleaned_data, clock.now()
        if self.segment is None:
            return segments.make(
                values["slug"] or slugify(values["name"])[:60],
                values["name"],
                values["condition"],
                tell=values["tell"],
                now=now,
            )
        segments.change(
            self.segment, values["name"], values["condition"], tell=values["tell"], now=now
        )
        return self.segment

    def refuse(self, invalid: Invalid) -> None:
        for name, texts in invalid.fields.items():
            self.add_error(name if name in self.fields else None, texts)
            if name == "condition":
                field = self.fields[name]
                field.widget.errors = texts


def asked() -> FieldSet:
    """What is known of everybody at any moment."""
    return FieldSet(
        cards=of_programs(),
        card=frozenset(),
        event={},
        attributes=attributes.as_fields(),
        has_order=False,
        has_moment=False,
    )


@admin.register(Segment)
class SegmentAdmin(Record):
    """Rights are Django's own, checked in each view; what changes is changed by a verb."""

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Any, name: str) -> URLPattern:
            guarded: Any = self.admin_site.admin_view(view)
            pattern: URLPattern = path(route, guarded, name=f"loyalty_segment_{name}")
            return pattern

        return [
            at("", self.changelist_view, "changelist"),
            at("add/", self.add, "add"),
            at("<int:pk>/change/", self.change, "change"),
            at("<int:pk>/count/", self.count, "count"),
            at("<int:pk>/delete/", self.delete, "delete"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: QuerySet[Segment] = Segment.objects.all()
        rows = [Row(each, filters.sentence(each.condition), people(each)) for each in found]
        page = {"title": _("Segments"), "rows": rows, "may_add": _may(request, "add")}
        return self._shown(request, "automations/segments.html", page)

    def add(self, request: HttpRequest) -> HttpResponse:
        _require(request, "add")
        return self._form(request, None)

    def change(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        segment = get_object_or_404(Segment, pk=pk)
        if request.method == "POST":
            _require(request, "change")
        return self._form(request, segment)

    def count(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request, "change")
        segment = get_object_or_404(Segment, pk=pk)
        if request.method == "POST":
            change = segments.recount(segment, now=clock.now())
            said = _("Counted: %(entered)d came in, %(left)d left.")
            messages.success(request, said % {"entered": change.entered, "left": change.left})
        return redirect("admin:loyalty_segment_change", pk)

    def delete(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request, "delete")
        segment = get_object_or_404(Segment, pk=pk)
        if request.method == "POST":
            segments.delete(segment)
            messages.success(request, _("“%(name)s” was deleted.") % {"name": segment.name})
            return redirect("admin:loyalty_segment_changelist")
        page = {"title": _("Delete “%(name)s”?") % {"name": segment.name}, "segment": segment}
        return self._shown(request, "automations/segment_delete.html", page)

    # --- How --------------------------------------------------------------------------------------

    def _form(self, request: HttpRequest, segment: Segment | None) -> HttpResponse:
        form = SegmentForm(request.POST or None, segment=segment)
        page: dict[str, Any] = {"form": form, "segment": segment}
        if form.is_bound and not is_row_button(form) and form.is_valid():
            if "preview" in request.POST:
                page |= _preview(form)
            else:
                try:
                    return self._saved(request, form.save())
                except Invalid as invalid:
                    form.refuse(invalid)
        page["title"] = segment.name if segment else _("New segment")
        page["may_change"] = _may(request, "change" if segment else "add")
        page["may_delete"] = segment is not None and _may(request, "delete")
        if segment is not None:
            page["customers_url"] = people(segment)
        status = 422 if form.is_bound and "first_ones" not in page else 200
        return self._shown(request, "automations/segment.html", page, status)

    def _saved(self, request: HttpRequest, segment: Segment) -> HttpResponse:
        segment.refresh_from_db()
        said = ngettext(
            "Saved: %(n)d customer belongs to it.", "Saved: %(n)d customers belong to it.",
            segment.size,
        )  # fmt: skip
        messages.success(request, said % {"n": segment.size})
        return redirect("admin:loyalty_segment_change", segment.pk)

    def _shown(
        self, request: HttpRequest, template: str, page: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | page
        return TemplateResponse(request, template, context, status=status)


def _preview(form: SegmentForm) -> dict[str, Any]:
    """How many match now, and the first of them."""
    tree, now = form.cleaned_data["condition"], clock.now()
    try:
        found = segments.found(segments.checked(tree, now), now)
    except Invalid as invalid:
        form.refuse(invalid)
        return {}
    first: list[Customer] = list(found.order_by("-pk")[:FIRST_ONES])
    return {"first_ones": first, "matches": matches.words(tree)}


def people(segment: Segment) -> str:
    return f"{reverse('admin:loyalty_customer_changelist')}?segment={segment.slug}"


def _may(request: HttpRequest, what: str) -> bool:
    return request.user.has_perm(f"loyalty.{what}_segment")


def _require(request: HttpRequest, what: str) -> None:
    if not _may(request, what):
        raise PermissionDenied
