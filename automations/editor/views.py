"""The editor's requests: each reads what was asked, calls one verb, and shows the page again."""

from copy import copy

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from automations import drafts, publishing
from automations.editor import asked, panels, preview, refusals, tree
from automations.editor.answers import address, again, allowed, done, is_row_button, shown
from automations.editor.forms import NewAutomationForm
from automations.editor.page import Page
from automations.editor.step_forms import step_form
from automations.lanes import Lane
from automations.models import Automation
from automations.problems import Invalid
from loyalty import clock
from loyalty.errors import LoyaltyError
from loyalty.models import Customer

# --- The page ------------------------------------------------------------------------------------


@require_GET
@allowed("view")
def build(page: Page) -> HttpResponse:
    try:
        page.panel = asked.panel(page, page.request.GET.dict())
    except Http404:  # a link from yesterday, to what was deleted since
        page.panel = panels.home()
        page.refusal = _("What you were looking for is not in this automation, or not any more.")
    return shown(page)


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
        return redirect(address(automation, trigger="new"))
    context = {"title": _("New automation"), "form": form, "opts": Automation._meta}
    page = admin.site.each_context(request) | context
    return TemplateResponse(
        request, "automations/new.html", page, status=422 if form.is_bound else 200
    )


# --- Steps ---------------------------------------------------------------------------------------


@require_POST
@allowed("change")
def add_step(page: Page) -> HttpResponse:
    sent = page.request.POST
    kind, lane = panels.kind_of(sent.get("kind", "")), panels.lane_of(page, sent.get("lane", ""))
    at = int(sent["at"]) if sent.get("at", "").isdecimal() else len(lane.cards)
    form = step_form(kind, panels.stand(page, lane))(sent)
    if is_row_button(form) or not form.is_valid():
        return again(page, panels.new_step(page, lane, at, kind, form))
    where = Lane(lane.fork, lane.branch)
    values = {name: form.cleaned_data[name] for name in kind.fields}
    try:
        step = drafts.add_step(page.automation, where, at, kind.type, values, now=clock.now())
    except Invalid as invalid:
        refusals.write(form, invalid)
        return again(page, panels.new_step(page, lane, at, kind, form))
    return done(page, _("“%(name)s” was added.") % {"name": kind.label}, focus=step.key)


@require_POST
@allowed("change")
def save_step(page: Page, key: str) -> HttpResponse:
    card = _card(page, key)
    kind = type(card.step)
    stand = panels.stand(page, card.lane, card)
    form = step_form(kind, stand)(page.request.POST, instance=copy(card.step))
    if is_row_button(form) or not form.is_valid():
        return again(page, panels.step(page, card, form))
    values = {name: form.cleaned_data[name] for name in kind.fields}
    try:
        drafts.change_step(page.automation, key, values, now=clock.now())
    except Invalid as invalid:
        refusals.write(form, invalid)
        return again(page, panels.step(page, card, form))
    return done(page, _("“%(name)s” was saved.") % {"name": kind.label}, focus=key)


@require_POST
@allowed("change")
def move_step(page: Page, key: str) -> HttpResponse:
    """`to` is `up`, `down` or the name of a lane, at whose end it is put."""
    card, to = _card(page, key), page.request.POST.get("to", "")
    now = clock.now()
    if to in ("up", "down"):
        step = drafts.shift_step(page.automation, key, -1 if to == "up" else 1, now=now)
        said = _("Moved to position %(n)d.") % {"n": step.position + 1}
        return done(page, said, anchor=key)
    lane = panels.lane_of(page, to)
    try:
        drafts.move_step(
            page.automation, key, Lane(lane.fork, lane.branch), len(lane.cards), now=now
        )
    except LoyaltyError as refused:
        page.refusal = refusals.words(refused)
        return again(page, panels.move(page, card))
    said = _("Moved to the end of “%(lane)s”.") % {"lane": lane.label}
    return done(page, said, focus=key)


@require_POST
@allowed("change")
def delete_step(page: Page, key: str) -> HttpResponse:
    card = _card(page, key)
    drafts.delete_step(page.automation, key, now=clock.now())
    said = _("“%(name)s” was deleted.") % {"name": card.step.label}
    left = card.lane.cards[card.at - 1].key if card.at else card.lane.name
    return done(page, said, focus=left)


@require_POST
@allowed("delete")
def delete_all(page: Page) -> HttpResponse:
    publishing.delete_automation(page.automation, now=clock.now())
    said = _("“%(name)s” was deleted.") % {"name": page.automation.name}
    messages.success(page.request, said)
    return redirect("admin:automations_automation_changelist")


def _card(page: Page, key: str) -> tree.Card:
    card = tree.find(page.roots, key)
    if card is None:
        raise Http404
    return card
