"""The editor's requests: each reads what was asked, calls one verb, and shows the page again.

What works is answered with a redirect to the page, what does not with the page and 422; htmx swaps
either into `#editor`, and without JavaScript the browser loads them. So there is one way for both.
"""

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from automations import drafts, publishing
from automations.editor import panels, preview, refusals, tree
from automations.editor.forms import NewAutomationForm, SettingsForm, step_form, trigger_form
from automations.editor.page import Page
from automations.lanes import Lane
from automations.models import Automation
from automations.problems import Invalid
from automations.triggers import TRIGGERS
from loyalty import clock
from loyalty.errors import LoyaltyError, NotFound
from loyalty.models import Customer

View = Callable[..., HttpResponse]


def allowed(permission: str) -> Callable[[View], View]:
    """Hands the view a `Page` instead of a primary key, to whoever has the right."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(f"automations.{permission}_automation"):
                raise PermissionDenied
            existing = Automation.objects.filter(deleted_at=None).select_related("live", "draft")
            page = Page(request, get_object_or_404(existing, pk=pk))
            try:
                return view(page, **kwargs)
            except NotFound:
                raise Http404 from None

        return guarded

    return decorate


# --- The page ------------------------------------------------------------------------------------


@require_GET
@allowed("view")
def build(page: Page) -> HttpResponse:
    try:
        page.panel = panels.asked_for(page, page.request.GET.dict())
    except Http404:  # a link from yesterday, to what was deleted since
        page.panel = panels.home()
        page.refusal = _("What you were looking for is not in this automation, or not any more.")
    return _shown(page)


@require_GET
@allowed("view")
def step_preview(page: Page, key: str) -> HttpResponse:
    """A message as one customer would get it, on a page of its own."""
    card = _card(page, key)
    chosen = page.request.GET.get("customer", "")
    present = Customer.objects.present().order_by("-id")
    customer = present.filter(pk=chosen).first() if chosen.isdecimal() else present.first()
    return preview.page(page.request, card.step, customer, now=clock.now())


def add(request: HttpRequest) -> HttpResponse:
    """Ask for a name, then go on in the editor."""
    if not request.user.has_perm("automations.add_automation"):
        raise PermissionDenied
    form = NewAutomationForm(request.POST or None)
    if form.is_valid():
        automation = drafts.new_automation(form.cleaned_data["name"], now=clock.now())
        return redirect(_address(automation, trigger="new"))
    context = {"title": _("New automation"), "form": form, "opts": Automation._meta}
    page = admin.site.each_context(request) | context
    return TemplateResponse(
        request, "automations/new.html", page, status=422 if form.is_bound else 200
    )


# --- Steps ---------------------------------------------------------------------------------------


@require_POST
@allowed("change")
def add_step(page: Page) -> HttpResponse:
    asked = page.request.POST
    kind, lane = panels.kind_of(asked.get("kind", "")), panels.lane_of(page, asked.get("lane", ""))
    at = int(asked["at"]) if asked.get("at", "").isdecimal() else len(lane.cards)
    form = step_form(kind, page.fields)(asked)
    if _is_row_button(form) or not form.is_valid():
        return _again(page, panels.new_step(page, lane, at, kind, form))
    where = Lane(lane.fork, lane.branch)
    values = {name: form.cleaned_data[name] for name in kind.fields}
    try:
        step = drafts.add_step(page.automation, where, at, kind.type, values, now=clock.now())
    except Invalid as invalid:
        refusals.write(form, invalid)
        return _again(page, panels.new_step(page, lane, at, kind, form))
    return _done(page, _("“%(name)s” was added.") % {"name": kind.label}, focus=step.key)


@require_POST
@allowed("change")
def save_step(page: Page, key: str) -> HttpResponse:
    card = _card(page, key)
    kind = type(card.step)
    form = step_form(kind, page.fields)(page.request.POST, instance=copy(card.step))
    if _is_row_button(form) or not form.is_valid():
        return _again(page, panels.step(page, card, form))
    values = {name: form.cleaned_data[name] for name in kind.fields}
    try:
        drafts.change_step(page.automation, key, values, now=clock.now())
    except Invalid as invalid:
        refusals.write(form, invalid)
        return _again(page, panels.step(page, card, form))
    return _done(page, _("“%(name)s” was saved.") % {"name": kind.label}, focus=key)


@require_POST
@allowed("change")
def move_step(page: Page, key: str) -> HttpResponse:
    """`to` is `up`, `down` or the name of a lane, at whose end it is put."""
    card, to = _card(page, key), page.request.POST.get("to", "")
    now = clock.now()
    if to in ("up", "down"):
        step = drafts.shift_step(page.automation, key, -1 if to == "up" else 1, now=now)
        said = _("Moved to position %(n)d.") % {"n": step.position + 1}
        return _done(page, said, anchor=key)
    lane = panels.lane_of(page, to)
    try:
        drafts.move_step(
            page.automation, key, Lane(lane.fork, lane.branch), len(lane.cards), now=now
        )
    except LoyaltyError as refused:
        page.refusal = refusals.words(refused)
        return _again(page, panels.move(page, card))
    said = _("Moved to the end of “%(lane)s”.") % {"lane": lane.label}
    return _done(page, said, focus=key)


@require_POST
@allowed("change")
def delete_step(page: Page, key: str) -> HttpResponse:
    card = _card(page, key)
    drafts.delete_step(page.automation, key, now=clock.now())
    said = _("“%(name)s” was deleted.") % {"name": card.step.label}
    left = card.lane.cards[card.at - 1].key if card.at else card.lane.name
    return _done(page, said, focus=left)


# --- Triggers and settings -----------------------------------------------------------------------


@require_POST
@allowed("change")
def trigger(page: Page) -> HttpResponse:
    asked = page.request.POST
    if (kind := TRIGGERS.get(asked.get("kind", ""))) is None:
        raise Http404
    position = asked.get("position", "new")
    form = trigger_form(kind, panels.trigger_fields(page, kind))(asked)
    if _is_row_button(form) or not form.is_valid():
        return _again(page, panels.trigger(page, kind, position, form))
    params = {name: value for name, value in form.cleaned_data.items() if name != "filter"}
    try:
        drafts.set_trigger(
            page.automation,
            kind.type,
            params,
            form.cleaned_data["filter"],
            position=int(position) if position.isdecimal() else None,
            now=clock.now(),
        )
    except Invalid as invalid:
        refusals.write(form, invalid)
        return _again(page, panels.trigger(page, kind, position, form))
    return _done(page, _("The trigger was saved."), focus="trigger")


@require_POST
@allowed("change")
def remove_trigger(page: Page) -> HttpResponse:
    position = page.request.POST.get("position", "")
    if not position.isdecimal():
        raise Http404
    drafts.remove_trigger(page.automation, int(position), now=clock.now())
    return _done(page, _("The trigger was removed."), focus="trigger")


@require_POST
@allowed("change")
def settings(page: Page) -> HttpResponse:
    form = SettingsForm(page.request.POST)
    if not form.is_valid():
        return _again(page, panels.settings(page, form))
    drafts.change_settings(page.automation, **form.cleaned_data, now=clock.now())
    return _done(page, _("The settings were saved."), focus="settings")


@require_POST
@allowed("delete")
def delete_all(page: Page) -> HttpResponse:
    publishing.delete_automation(page.automation, now=clock.now())
    said = _("“%(name)s” was deleted.") % {"name": page.automation.name}
    messages.success(page.request, said)
    return redirect("admin:automations_automation_changelist")


# --- Answers -------------------------------------------------------------------------------------


def _shown(page: Page, status: int = 200) -> HttpResponse:
    """The editor alone for a swap, the whole page for everybody else."""
    htmx = getattr(page.request, "htmx", None)
    if htmx and not htmx.history_restore_request:
        response = render(
            page.request, "automations/editor/body.html", {**page.context()}, status=status
        )
        if status != 200:  # an address that only takes POST must not stand in the address bar
            response["HX-Push-Url"] = "false"
        return response
    context = admin.site.each_context(page.request) | dict(page.context())
    return render(page.request, "automations/editor.html", context, status=status)


def _again(page: Page, panel: panels.Panel) -> HttpResponse:
    page.panel = panel
    return _shown(page, status=422)


def _done(page: Page, said: str, *, focus: str = "", anchor: str = "") -> HttpResponse:
    messages.success(page.request, said)
    return redirect(
        _address(page.automation, **({"focus": focus} if focus else {}))
        + (f"#step-{anchor}" if anchor else "")
    )


def _address(automation: Automation, **query: str) -> str:
    url = reverse("admin:automations_automation_change", args=(automation.pk,))
    return f"{url}?{urlencode(query)}" if query else url


def _card(page: Page, key: str) -> tree.Card:
    card = tree.find(page.root, key)
    if card is None:
        raise Http404
    return card


def _is_row_button(form: Any) -> bool:
    """Whether a condition's own button was pressed: then nothing is saved and nothing is wrong."""
    pressed = any(f"{name}-rows" in form.data for name in form.fields)
    if pressed:
        form._errors = {}  # the form is shown as it was sent, without judging it
    return pressed
