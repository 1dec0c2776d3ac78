"""The card beside the program's form, as it would look: drawn anew while staff type."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loyalty import clock
from loyalty.models import Business, Plan, Program, Rate, Reward
from loyalty.portal.example import ExampleFace
from loyalty.wallet import colours


def preview(
    page: admin.ModelAdmin, request: HttpRequest, object_id: str | None = None
) -> HttpResponse:
    """What is in the form, saved or not, right or wrong: fields that make no sense keep their old
    values. Nothing is written."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    program = page.get_object(request, object_id) if object_id else page.model()
    if program is None or not page.has_view_permission(request, program if object_id else None):
        raise PermissionDenied
    _fill(page, request, program)
    rows = {model: list(_rows(page, request, program, model)) for model in (Reward, Rate, Plan)}
    face = ExampleFace(
        program, rewards=rows[Reward], rates=rows[Rate], plans=rows[Plan], now=clock.now()
    )
    context = {"face": face, "colour": face.color.removeprefix("#")}
    return TemplateResponse(request, "loyalty/program_preview.html", context)


@require_safe
def look(request: HttpRequest, colour: str) -> HttpResponse:
    """The colours of an example, since our policy lets no page style itself."""
    paint = colours.of(Program(color=f"#{colour}"))
    ink = colours.hexadecimal(colours.on(paint))
    rule = f".look-example {{ --card: {colours.hexadecimal(paint)}; --card-ink: {ink}; }}\n"
    return HttpResponse(rule, content_type="text/css")


def _fill(page: admin.ModelAdmin, request: HttpRequest, program: Program) -> None:
    """What the form says, as far as it can be understood."""
    form = page.get_form(request, program if program.pk else None)(request.POST, instance=program)
    for name, value in _understood(form).items():
        setattr(program, name, value)
    program.name = program.name or _("Your new card")
    program.currency = program.currency or Business.get().currency


def _rows(
    page: admin.ModelAdmin, request: HttpRequest, program: Program, model: type[models.Model]
) -> Any:
    """The rows of one kind beside the form, without those that are to go."""
    saved = program if program.pk else None
    for made, inline in page.get_formsets_with_inlines(request, saved):
        if inline.model is not model:
            continue
        formset = made(request.POST, instance=saved or page.model(), prefix=_prefix(made))
        if not formset.management_form.is_valid():
            return
        for form in formset.forms:
            if form.is_valid() and not form.cleaned_data.get("DELETE") and form.cleaned_data:
                yield form.save(commit=False)


def _prefix(formset: Any) -> str:
    return str(formset.get_default_prefix())


def _understood(form: forms.BaseModelForm) -> dict[str, Any]:
    """The fields that are right, without saving or refusing anything."""
    form.is_valid()
    names = {field.name for field in form.instance._meta.fields}
    return {name: form.cleaned_data[name] for name in form.cleaned_data if name in names}
