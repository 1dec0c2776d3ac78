"""The settings in the panel: a list of all in short, each with a form of its own."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from automations.editor import refusals, words
from automations.editor.answers import again, allowed, done, is_row_button
from automations.editor.page import Page
from automations.editor.sections import SECTIONS, Section, Text, section
from automations.problems import Invalid

Panel = dict[str, Any]
Line = tuple[Text, Text, str]  # what it is, how it is set, the query of its form


def index(page: Page) -> Panel:
    return {
        "name": "settings",
        "template": "automations/editor/panel_settings.html",
        "lines": _lines(page),
    }


def _lines(page: Page) -> list[Line]:
    version, automation = page.version, page.automation
    several = len(page.threads) > 1

    def line(name: str, said: str, title: Text = "", **more: Any) -> Line:
        return (title or SECTIONS[name].title, said, "?" + urlencode({"settings": name, **more}))

    entries = [
        line(
            "entry",
            words.entry(thread),
            f"{SECTIONS['entry'].title}: {root.label}" if several else "",
            thread=thread.key,
        )
        for thread, root in zip(page.threads, page.roots, strict=True)
    ]
    exits = [line("exits", words.happening(rule), at=at) for at, rule in enumerate(version.exits)]
    return [
        line("names", f"{automation.name} · {words.programs(version)}"),
        *entries,
        line("schedule", words.schedule(version)),
        line("scope", words.scope(version)),
        line("goal", words.happening(version.goal)),
        *exits,
        line(
            "exits",
            _("Whoever is inside leaves when this happens."),
            _("Add a reason to leave"),
            at="new",
        ),
        line("limits", words.limits(automation)),
    ]


def one(page: Page, found: Section, form: forms.Form | None = None) -> Panel:
    kinds = found.kinds
    hidden = found.hidden
    return {
        "name": "settings",
        "template": "automations/editor/panel_setting.html",
        "section": found,
        "title": found.title,
        "icon": f"icons/{found.icon}.svg",
        "kinds": [
            (words_, "?" + urlencode({"settings": found.name, **hidden, "event_kind": kind}))
            for kind, words_ in kinds
        ],
        "about": found.about,
        "form": None if kinds else form or found.form(),
        "keep_focus": form is not None,
        "hidden": hidden,
        "choose_url": "?" + urlencode({"settings": found.name, **hidden, "event_kind": ""})
        if "event_kind" in hidden
        else "",
        "action": reverse(
            "admin:automations_automation_settings", args=(page.automation.pk, found.name)
        ),
    }


@require_POST
@allowed("change")
def save(page: Page, name: str) -> HttpResponse:
    """A section's form; `remove` takes away what can be taken away."""
    sent = page.request.POST
    found = section(page, name, sent.dict())
    if "remove" in sent:
        found.remove()
        return done(page, _("It was removed."), settings="")
    form = found.form(sent)
    if is_row_button(form) or not form.is_valid():
        return again(page, one(page, found, form))
    try:
        found.save(form)
    except Invalid as invalid:
        refusals.write(form, invalid)
        return again(page, one(page, found, form))
    return done(page, _("The settings were saved."), settings="")
