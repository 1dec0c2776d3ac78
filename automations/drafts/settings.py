"""The verbs on what an automation is called, and on its rules; those of a thread are beside it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from automations import rules, versions
from automations.drafts.editing import editing
from automations.models import Automation
from loyalty.errors import NotFound
from loyalty.models import Location, Program


def new_automation(name: str, *, now: datetime) -> Automation:
    """An automation with an empty draft; its slug comes from the name."""
    with transaction.atomic():
        automation = Automation.objects.create(
            slug=_free_slug(name), name=name, created_at=now, changed_at=now
        )
        versions.draft_of(automation, now)
    return automation


def change_settings(
    automation: Automation, *, name: str, label: str, programs: Iterable[Program], now: datetime
) -> None:
    """The name and the label hold at once, the programs when the draft is published."""
    with editing(automation, now) as draft:
        Automation.objects.filter(pk=automation.pk).update(name=name, label=label)
        automation.name, automation.label = name, label
        draft.programs.set(programs)


def set_schedule(
    automation: Automation, *, starts_at: Any = None, ends_at: Any = None, now: datetime
) -> None:
    """Entries are let in from then until then; None: always. Raises Invalid by these names."""
    fit = rules.schedule({"starts_at": starts_at, "ends_at": ends_at})
    with editing(automation, now) as draft:
        draft.starts_at, draft.ends_at = fit.starts_at, fit.ends_at
        draft.save(update_fields=["starts_at", "ends_at"])


def set_scope(
    automation: Automation,
    *,
    platforms: Sequence[str] = (),
    locations: Iterable[Location] = (),
    now: datetime,
) -> None:
    """Entries are let in from those platforms and places only; none: from all."""
    fit = rules.platforms(list(platforms))
    with editing(automation, now) as draft:
        draft.platforms = fit
        draft.save(update_fields=["platforms"])
        draft.locations.set(locations)


def set_goal(automation: Automation, goal: Mapping[str, Any] | None, *, now: datetime) -> None:
    """`{"event", "filter"}`, or None: there is none. Raises Invalid by these names."""
    fit = None if goal is None else rules.happening(goal, "")
    with editing(automation, now) as draft:
        draft.goal = fit
        draft.save(update_fields=["goal"])


def set_exit(
    automation: Automation, rule: Mapping[str, Any], *, position: int | None = None, now: datetime
) -> None:
    """Put an exit rule in the place of another, or (without a position) after the others."""
    fit = rules.happening(rule, "")
    with editing(automation, now) as draft:
        if position is not None and position >= len(draft.exits):
            raise NotFound
        at = len(draft.exits) if position is None else position
        draft.exits = rules.exits([*draft.exits[:at], fit, *draft.exits[at + 1 :]])
        draft.save(update_fields=["exits"])


def remove_exit(automation: Automation, position: int, *, now: datetime) -> None:
    with editing(automation, now) as draft:
        if position >= len(draft.exits):
            raise NotFound
        draft.exits = [rule for at, rule in enumerate(draft.exits) if at != position]
        draft.save(update_fields=["exits"])


def set_limits(
    automation: Automation,
    *,
    points_per_day: int | None = None,
    messages_per_day: int | None = None,
    now: datetime,
) -> None:
    """They hold at once, for whoever is inside too. Raises Invalid by these names."""
    asked = {"points_per_day": points_per_day, "messages_per_day": messages_per_day}
    fit = rules.limits(asked, "")
    values = {
        "most_points_a_day": fit.points_per_day,
        "most_messages_a_day": fit.messages_per_day,
    }
    present = Automation.objects.filter(pk=automation.pk, deleted_at=None)
    if not present.update(**values, changed_at=now):
        raise NotFound
    for name, value in values.items():
        setattr(automation, name, value)


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "automation"
    taken = set(Automation.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)
