"""What stands beside the chain: a form, a choice, a question, or what is left to do."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from automations import steps, surroundings
from automations.editor import choices, matches, tree
from automations.editor.forms import trigger_form
from automations.editor.page import Page
from automations.editor.rule_forms import ThreadForm
from automations.editor.step_forms import Stand, step_form
from automations.models import Step, Thread, Trigger
from automations.triggers import TRIGGERS, TriggerType
from loyalty.fields import FieldSet
from loyalty.models import Customer

Panel = dict[str, Any]
SOME_CUSTOMERS = 30


def home() -> Panel:
    return {"name": "home", "template": "automations/editor/panel_home.html"}


def step(page: Page, card: tree.Card, form: forms.ModelForm | None = None) -> Panel:
    """The form of a step that is there, and what happened at it."""
    here = stand(page, card.lane, card)
    form = form or step_form(type(card.step), here)(instance=card.step)
    preview = _preview(page, card)
    return {
        **_of_type(here.fields, type(card.step), form),
        "name": "step",
        "card": card,
        "action": _url("step", page, card.key),
        "close_url": "?" + urlencode({"focus": card.key}),
        "matches": matches.of_form(form),
        "counted": [
            (_("Reached"), card.reached),
            (_("Done"), page.numbers.of(card.key, "done")),
            (_("Skipped"), card.skipped),
            (_("Stopped"), card.stopped),
        ],
        "preview_url": preview,
        "preview_customers": _some_customers() if preview else [],
    }


def new_step(
    page: Page, lane: tree.Lane, at: int, kind: type[Step], form: forms.ModelForm | None = None
) -> Panel:
    """The form of a step that is not there yet."""
    here = stand(page, lane)
    form = form or step_form(kind, here)()
    return {
        **_of_type(here.fields, kind, form),
        "name": "add",
        "lane": lane,
        "at": at,
        "action": _url("steps", page),
        "close_url": "?" + urlencode({"add": lane.name, "at": at}),
        "matches": matches.of_form(form) if form.is_bound else "",
    }


def stand(page: Page, lane: tree.Lane, card: tree.Card | None = None) -> Stand:
    """What the form of a step may offer that stands (or is to stand) in that lane."""
    return Stand(
        page.fields(lane.thread),
        page.automation,
        [(each.key, each.words) for each in tree.reach(page.root(lane.thread), lane, card)],
        {under.branch: len(under.cards) for under in card.lanes} if card else {},
    )


def trigger(
    page: Page,
    of: Thread,
    kind: type[TriggerType],
    position: str,
    form: forms.Form | None = None,
) -> Panel:
    """The form of a trigger; `position` is "new" for one that is not there yet."""
    stored = _stored(page, of, position)
    if form is None:
        is_same = stored is not None and stored.type == kind.type
        initial = {**stored.params, "filter": stored.filter} if stored and is_same else None
        form = trigger_form(kind, trigger_fields(page, kind))(initial=initial)
    return {
        "name": "trigger",
        "template": "automations/editor/panel_trigger.html",
        "type": {"type": kind.type, "label": kind.label, "help": kind.sentence({})},
        "position": position,
        "thread": of,
        "close_url": "?" + urlencode({"focus": f"trigger.{of.key}"}),
        "can_remove": stored is not None and len(page.triggers(of)) > 1,
        "form": form,
        "keep_focus": form.is_bound,
        "action": _url("trigger", page),
    }


def trigger_fields(page: Page, kind: type[TriggerType]) -> FieldSet:
    return surroundings.of_trigger(kind, surroundings.programs_of(page.version))


def thread(page: Page, of: Thread, form: forms.Form | None = None) -> Panel:
    """What a start is called, and whether it stays."""
    root = page.root(of.key)
    return {
        "name": "thread",
        "template": "automations/editor/panel_thread.html",
        "thread": of,
        "title": root.label,
        "form": form or ThreadForm(initial={"name": of.name}),
        "can_remove": len(page.threads) > 1,
        "steps_in_it": sum(1 for _card in tree.walk([root])),
    }


def move(page: Page, card: tree.Card) -> Panel:
    """Every lane it may stand in; its own branches are no place for it."""
    inside = {lane.name for lane in tree.all_lanes(card.lanes)}
    places = [_place(page, lane, card) for lane in tree.all_lanes(page.roots)]
    return {
        "name": "move",
        "template": "automations/editor/panel_move.html",
        "card": card,
        "title": _("Move “%(name)s” to …") % {"name": card.step.label},
        "sub": card.summary,
        "places": [place for place in places if place["value"] not in inside],
        "close_url": "?" + urlencode({"focus": card.key}),
    }


def delete_all() -> Panel:
    return {
        "name": "delete-all",
        "template": "automations/editor/panel_delete_all.html",
        "close_url": "?settings",
    }


def delete(page: Page, card: tree.Card) -> Panel:
    return {
        "name": "delete",
        "template": "automations/editor/panel_delete.html",
        "card": card,
        "title": _("Delete “%(name)s”?") % {"name": card.step.label},
        "text": card.summary,
        "inside_it": card.inside_it,
        "close_url": "?" + urlencode({"focus": card.key}),
    }


# --- choices -------------------------------------------------------------------------------------


def add(page: Page, asked: Mapping[str, str]) -> Panel:
    lane, at = lane_of(page, asked["add"]), asked.get("at", "")
    place = min(int(at), len(lane.cards)) if at.isdecimal() else len(lane.cards)
    if kind := asked.get("kind"):
        return new_step(page, lane, place, kind_of(kind))
    return {
        "name": "add",
        "template": "automations/editor/panel_add.html",
        "lane": lane,
        "at": place,
        "where": _where(page, lane, place),
        "types": choices.step_kinds(),
    }


def triggers(page: Page, asked: Mapping[str, str]) -> Panel:
    position, of = asked["trigger"] or "new", page.thread(asked.get("thread", ""))
    stored = _stored(page, of, position)
    kind = asked.get("kind", stored.type if stored else "")
    if kind in TRIGGERS:
        return trigger(page, of, TRIGGERS[kind], position)
    return {
        "name": "trigger",
        "template": "automations/editor/panel_trigger.html",
        "position": position,
        "thread": of,
        "close_url": "?" + urlencode({"focus": f"trigger.{of.key}"}),
        "types": choices.trigger_kinds(stored.type if stored else ""),
    }


def _stored(page: Page, of: Thread, position: str) -> Trigger | None:
    return next((each for each in page.triggers(of) if str(each.position) == position), None)


def lane_of(page: Page, name: str) -> tree.Lane:
    lane = tree.lane_called(page.roots, name)
    if lane is None:
        raise Http404
    return lane


def kind_of(name: str) -> type[Step]:
    if name not in steps.types():
        raise Http404
    return steps.types()[name]


def card_called(page: Page, key: str) -> tree.Card:
    card = tree.find(page.roots, key)
    if card is None:
        raise Http404
    return card


def _of_type(fields: FieldSet, kind: type[Step], form: forms.ModelForm) -> Panel:
    shown = choices.Kind(kind.type, kind.label, kind.help, kind.icon, kind.tone)
    return {
        "template": "automations/editor/panel_step.html",
        "type": shown,
        "icon_templates": shown.icon_templates,
        "form": form,
        "keep_focus": form.is_bound,
        "names": choices.names(fields) if kind.group == "message" else [],
    }


def _where(page: Page, lane: tree.Lane, at: int) -> str:
    if at:
        return _("After “%(name)s”.") % {"name": lane.cards[at - 1].step.label}
    if lane.fork:
        return _("First under “%(branch)s”.") % {"branch": lane.label}
    return _("First of all.")


def _place(page: Page, lane: tree.Lane, card: tree.Card) -> Panel:
    fork = tree.find(page.roots, lane.fork) if lane.fork else None
    return {
        "value": lane.name,
        "depth": lane.depth,
        "label": f"{lane.label}" if fork is None else f"{lane.label}: {_which(lane, fork)}",
        "help": _("At its end."),
        "is_here": lane.name == card.lane.name,
    }


def _which(lane: tree.Lane, fork: tree.Card) -> str:
    """What tells a branch from those of other forks that are called the same."""
    return str(lane.help or (fork.summary if fork.step.fixed_branches else fork.step.label))


def _preview(page: Page, card: tree.Card) -> str:
    return _url("step_preview", page, card.key) if card.step.group == "message" else ""


def _some_customers() -> list[Customer]:
    return list(Customer.objects.present().order_by("-id")[:SOME_CUSTOMERS])


def _url(name: str, page: Page, *args: str) -> str:
    return reverse(f"admin:automations_automation_{name}", args=(page.automation.pk, *args))
