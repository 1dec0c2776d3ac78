"""The editor's requests about what starts an automation: triggers, and threads with their names."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from automations import drafts
from automations.editor import panels, refusals
from automations.editor.answers import again, allowed, done, is_row_button
from automations.editor.forms import trigger_form
from automations.editor.page import Page
from automations.editor.rule_forms import ThreadForm
from automations.problems import Invalid
from automations.triggers import TRIGGERS
from loyalty import clock


@require_POST
@allowed("change")
def trigger(page: Page) -> HttpResponse:
    asked = page.request.POST
    if (kind := TRIGGERS.get(asked.get("kind", ""))) is None:
        raise Http404
    position, thread = asked.get("position", "new"), page.thread(asked.get("thread", ""))
    form = trigger_form(kind, panels.trigger_fields(page, kind))(asked)
    if is_row_button(form) or not form.is_valid():
        return again(page, panels.trigger(page, thread, kind, position, form))
    params = {name: value for name, value in form.cleaned_data.items() if name != "filter"}
    try:
        drafts.set_trigger(
            page.automation,
            kind.type,
            params,
            form.cleaned_data["filter"],
            position=int(position) if position.isdecimal() else None,
            thread=thread.key,
            now=clock.now(),
        )
    except Invalid as invalid:
        refusals.write(form, invalid)
        return again(page, panels.trigger(page, thread, kind, position, form))
    return done(page, _("The trigger was saved."), focus=f"trigger.{thread.key}")


@require_POST
@allowed("change")
def remove_trigger(page: Page) -> HttpResponse:
    position, thread = page.request.POST.get("position", ""), page.request.POST.get("thread", "")
    if not position.isdecimal():
        raise Http404
    drafts.remove_trigger(page.automation, int(position), thread=thread, now=clock.now())
    key = page.thread(thread).key
    return done(page, _("The trigger was removed."), focus=f"trigger.{key}")


@require_POST
@allowed("change")
def add_thread(page: Page) -> HttpResponse:
    """A chain of its own; what starts it is asked next."""
    try:
        thread = drafts.add_thread(page.automation, now=clock.now())
    except Invalid as invalid:
        page.refusal = refusals.words(invalid)
        return again(page, panels.home())
    said = _("Another start was added. Choose what sets it off.")
    return done(page, said, trigger="new", thread=thread.key)


@require_POST
@allowed("change")
def rename_thread(page: Page) -> HttpResponse:
    thread = page.thread(page.request.POST.get("thread", ""))
    form = ThreadForm(page.request.POST)
    if not form.is_valid():
        return again(page, panels.thread(page, thread, form))
    name = form.cleaned_data["name"]
    drafts.rename_thread(page.automation, name, thread=thread.key, now=clock.now())
    return done(page, _("The start was renamed."), focus=f"trigger.{thread.key}")


@require_POST
@allowed("change")
def delete_thread(page: Page) -> HttpResponse:
    thread = page.thread(page.request.POST.get("thread", ""))
    try:
        drafts.delete_thread(page.automation, thread.key, now=clock.now())
    except Invalid as invalid:
        page.refusal = refusals.words(invalid)
        return again(page, panels.thread(page, thread))
    return done(page, _("The start was deleted, with its steps."))
