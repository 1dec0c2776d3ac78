"""The verbs on threads: what starts each of them, who may enter it, which of them there are.

Whoever names no thread means the first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Max
from django.utils.translation import gettext as _

from automations import filters, rules, surroundings, versions
from automations.documents.document import MOST_THREADS
from automations.drafts.editing import editing, thread_called
from automations.models import Automation, Thread, Trigger
from automations.problems import refuse
from automations.triggers.base import type_of
from automations.versions import lanes_of
from loyalty import cleaning
from loyalty.cleaning import Unfit
from loyalty.errors import NotFound

# --- Triggers -------------------------------------------------------------------------------------


def set_trigger(
    automation: Automation,
    type: str,
    params: Mapping[str, Any],
    filter: Any = None,
    *,
    position: int | None = None,
    thread: str = "",
    now: datetime,
) -> Trigger:
    """Put a trigger in the place of another, or (without a position) after the others.

    Raises Invalid with the paths `type`, `params.…`, `filter.…`.
    """
    kind = type_of(type, "type")
    fit = kind.read(params, "params")
    if filter is not None:
        filters.read(filter, surroundings.of_trigger(kind), "filter")
    with editing(automation, now) as draft:
        found = thread_called(draft, thread)
        if position is None:
            return found.triggers.create(
                type=kind.type, params=fit, filter=filter, position=found.triggers.count()
            )
        trigger = _trigger(found, position)
        trigger.type, trigger.params, trigger.filter = kind.type, fit, filter
        trigger.save()
        return trigger


def remove_trigger(
    automation: Automation, position: int, *, thread: str = "", now: datetime
) -> None:
    with editing(automation, now) as draft:
        found = thread_called(draft, thread)
        _trigger(found, position).delete()
        found.triggers.filter(position__gt=position).update(position=F("position") - 1)


def _trigger(thread: Thread, position: int) -> Trigger:
    found = thread.triggers.filter(position=position).first()
    if found is None:
        raise NotFound
    return found


# --- Who may enter --------------------------------------------------------------------------------


def set_entry(
    automation: Automation, entry: Mapping[str, Any], *, thread: str = "", now: datetime
) -> None:
    """`again`, `days`, `key`, `if_inside`, `cap` as in a document; raises Invalid by name."""
    fit = rules.entry(entry, "")
    with editing(automation, now) as draft:
        found = thread_called(draft, thread)
        found.again, found.days, found.entry_key = fit.again, fit.days, fit.key
        found.if_inside, found.cap = fit.if_inside, fit.cap
        found.save()


# --- Which threads there are ----------------------------------------------------------------------


def add_thread(automation: Automation, name: str = "", *, now: datetime) -> Thread:
    """A chain of its own after the others, still without a trigger."""
    fit = _name(name)
    with editing(automation, now) as draft:
        if draft.threads.count() >= MOST_THREADS:
            raise refuse("", _("An automation has at most %d threads.") % MOST_THREADS)
        last = draft.threads.aggregate(last=Max("position"))["last"] or 0
        return draft.threads.create(key=_key(automation), name=fit, position=last + 1)


def rename_thread(automation: Automation, name: str, *, thread: str = "", now: datetime) -> None:
    fit = _name(name)
    with editing(automation, now) as draft:
        found = thread_called(draft, thread)
        found.name = fit
        found.save(update_fields=["name"])


def delete_thread(automation: Automation, thread: str, *, now: datetime) -> list[str]:
    """Take a thread away with all its steps; says whose keys are gone. The last one stays."""
    with editing(automation, now) as draft:
        found = thread_called(draft, thread)
        if draft.threads.count() == 1:
            raise refuse("", _("One start must stay."))
        gone = list(lanes_of(draft).walk(None, found.key))
        versions.delete_steps(gone)
        found.delete()
    return [step.key for step in gone]


def _name(name: str) -> str:
    try:
        fit: str = cleaning.text(120)(name)
    except Unfit as reason:
        raise refuse("name", str(reason)) from None
    return fit


def _key(automation: Automation) -> str:
    """A key that no thread of any version has had: who entered before is known by it."""
    had = Thread.objects.filter(version__automation=automation, key__startswith="thread-")
    numbers = (key.removeprefix("thread-") for key in had.values_list("key", flat=True))
    return f"thread-{max((int(n) for n in numbers if n.isdecimal()), default=1) + 1}"
