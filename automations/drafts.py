"""The verbs of whoever draws a chain: each changes the draft, and makes one where there is none.

Steps are named by their keys, which stay the same when what is live is copied into a draft. Every
verb locks the automation, so two people at one chain take turns.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from automations import filters, steps, surroundings, versions
from automations.lanes import DEEPEST, Lane, Lanes
from automations.models import Automation, Step, Thread, Trigger, Version
from automations.models.automation import Again
from automations.problems import Invalid, refuse
from automations.triggers.base import type_of
from automations.versions import lanes_of, thread_of
from loyalty.errors import NotFound
from loyalty.models import Program

# --- The automation -------------------------------------------------------------------------------


def new_automation(name: str, *, now: datetime) -> Automation:
    """An automation with an empty draft; its slug comes from the name."""
    with transaction.atomic():
        automation = Automation.objects.create(
            slug=_free_slug(name), name=name, created_at=now, changed_at=now
        )
        versions.draft_of(automation, now)
    return automation


def change_settings(
    automation: Automation,
    *,
    name: str,
    label: str,
    programs: Iterable[Program],
    again: str,
    now: datetime,
) -> None:
    with _editing(automation, now) as draft:
        Automation.objects.filter(pk=automation.pk).update(name=name, label=label)
        automation.name, automation.label = name, label
        draft.programs.set(programs)
        draft.threads.update(again=Again(again))


# --- Triggers -------------------------------------------------------------------------------------


def set_trigger(
    automation: Automation,
    type: str,
    params: Mapping[str, Any],
    filter: Any = None,
    *,
    position: int | None = None,
    now: datetime,
) -> Trigger:
    """Put a trigger in the place of another, or (without a position) after the others.

    Raises Invalid with the paths `type`, `params.…`, `filter.…`.
    """
    kind = type_of(type, "type")
    fit = kind.read(params, "params")
    if filter is not None:
        filters.read(filter, surroundings.of_trigger(kind), "filter")
    with _editing(automation, now) as draft:
        thread = thread_of(draft)
        if position is None:
            return thread.triggers.create(
                type=kind.type, params=fit, filter=filter, position=thread.triggers.count()
            )
        trigger = _trigger(thread, position)
        trigger.type, trigger.params, trigger.filter = kind.type, fit, filter
        trigger.save()
        return trigger


def remove_trigger(automation: Automation, position: int, *, now: datetime) -> None:
    with _editing(automation, now) as draft:
        thread = thread_of(draft)
        _trigger(thread, position).delete()
        thread.triggers.filter(position__gt=position).update(position=F("position") - 1)


def _trigger(thread: Thread, position: int) -> Trigger:
    found = thread.triggers.filter(position=position).first()
    if found is None:
        raise NotFound
    return found


# --- Steps ----------------------------------------------------------------------------------------


def add_step(
    automation: Automation,
    lane: Lane,
    position: int,
    type: str,
    values: Mapping[str, Any],
    *,
    now: datetime,
) -> Step:
    """Put a new step into a lane; `values` are its columns. Raises Invalid naming the column."""
    if type not in steps.types():
        raise refuse("type", _("There is no step “%(type)s”.") % {"type": type})
    with _editing(automation, now) as draft:
        lanes = lanes_of(draft)
        fork = _fork(draft, lane)
        step_type = steps.types()[type]
        step = step_type(version=draft, parent=fork, branch=lane.branch, key=_key(automation, type))
        _fit(step, values)
        _require_shallow(lanes, fork, step)
        step.position = _open(draft, fork, lane.branch, position)
        step.save()
    return step


def change_step(
    automation: Automation, key: str, values: Mapping[str, Any], *, now: datetime
) -> Step:
    """Set columns of a step. Raises Invalid naming the column, NotFound for an unknown key."""
    with _editing(automation, now) as draft:
        step = _step(draft, key)
        _fit(step, values)
        step.save()
    return step


def shift_step(automation: Automation, key: str, by: int, *, now: datetime) -> Step:
    """Move a step up (−1) or down (1) in its lane; at the end of the lane it stays."""
    with _editing(automation, now) as draft:
        step = _step(draft, key)
        _move(draft, step, step.parent, step.branch, max(0, step.position + by))
    return step


def move_step(
    automation: Automation, key: str, lane: Lane, position: int, *, now: datetime
) -> Step:
    """Move a step, with all in its branches, to a place in any lane but its own branches'.

    `position` counts the lane as it is without the step.
    """
    with _editing(automation, now) as draft:
        step = _step(draft, key)
        fork = _fork(draft, lane)
        lanes = lanes_of(draft)
        if fork and fork.pk in {step.pk, *(below.pk for below in lanes.below(step))}:
            raise refuse("lane", _("A step cannot be moved into its own branches."))
        _require_shallow(lanes, fork, step)
        _move(draft, step, fork, lane.branch, position)
    return step


def delete_step(automation: Automation, key: str, *, now: datetime) -> list[str]:
    """Take a step away with all in its branches; says whose keys are gone."""
    with _editing(automation, now) as draft:
        step = _step(draft, key)
        gone = [step, *lanes_of(draft).below(step)]
        _close(draft, step)
        versions.delete_steps(gone)
    return [each.key for each in gone]


# --- Inside the transaction -----------------------------------------------------------------------


@contextmanager
def _editing(automation: Automation, now: datetime) -> Iterator[Version]:
    with transaction.atomic():
        present = Automation.objects.filter(deleted_at=None)
        locked = present.select_for_update(no_key=True).filter(pk=automation.pk).first()
        if locked is None:
            raise NotFound
        draft = versions.draft_of(locked, now)
        yield draft
        Version.objects.filter(pk=draft.pk).update(changed_at=now)
        Automation.objects.filter(pk=automation.pk).update(changed_at=now)
    automation.draft, automation.changed_at = draft, now


def _step(draft: Version, key: str) -> Step:
    found = draft.steps.filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def _fork(draft: Version, lane: Lane) -> Step | None:
    """The fork that owns the lane, None at the root; NotFound where there is no such lane."""
    if not lane.fork:
        if not draft.threads.filter(key=lane.branch).exists():
            raise NotFound
        return None
    fork = _step(draft, lane.fork)
    if lane.branch not in fork.branches:
        raise NotFound
    return fork


def _fit(step: Step, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in step.fields:
            raise refuse(name, _("There is no such field."))
        setattr(step, name, value)
    own = set(step.fields)
    try:
        step.clean_fields(exclude={field.name for field in step._meta.fields} - own)
        step.clean()
    except ValidationError as error:
        raise Invalid(_by_field(error)) from None


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def _require_shallow(lanes: Lanes, fork: Step | None, step: Step) -> None:
    depth, above = 0, fork
    while above is not None:
        depth, above = depth + 1, above.parent
    if depth + lanes.depth_below(step) > DEEPEST:
        raise refuse(
            "lane", _("Forks stand at most %(most)d deep in each other.") % {"most": DEEPEST}
        )


def _move(draft: Version, step: Step, fork: Step | None, branch: str, position: int) -> None:
    _close(draft, step)
    step.parent, step.branch = fork, branch
    step.position = _open(draft, fork, branch, position, besides=step)
    step.save(update_fields=["parent", "branch", "position"])


def _open(
    draft: Version, fork: Step | None, branch: str, position: int, besides: Step | None = None
) -> int:
    """Make room in a lane; says at which position, the end of the lane at most."""
    lane = draft.steps.non_polymorphic().filter(parent=fork, branch=branch)
    if besides is not None:
        lane = lane.exclude(pk=besides.pk)
    position = min(max(0, position), lane.count())
    lane.filter(position__gte=position).update(position=F("position") + 1)
    return position


def _close(draft: Version, step: Step) -> None:
    """Number the lane as it is without the step."""
    lane = draft.steps.non_polymorphic().filter(parent=step.parent_id, branch=step.branch)
    after = lane.filter(position__gt=step.position).exclude(pk=step.pk)
    after.update(position=F("position") - 1)


def _key(automation: Automation, type: str) -> str:
    """A key that no step of any version has had, since journeys and figures go by it."""
    stem = type.replace("_", "-")
    had = Step.objects.non_polymorphic().filter(
        version__automation=automation, key__startswith=f"{stem}-"
    )
    numbers = (key.removeprefix(f"{stem}-") for key in had.values_list("key", flat=True))
    return f"{stem}-{max((int(n) for n in numbers if n.isdecimal()), default=0) + 1}"


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70] or "automation"
    taken = set(Automation.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)
