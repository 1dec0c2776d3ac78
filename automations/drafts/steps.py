"""The verbs on steps: add, change, shift, move, delete. Lanes stay numbered without gaps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations import steps, versions
from automations.drafts.editing import editing
from automations.lanes import DEEPEST, Lane, Lanes
from automations.models import Automation, Step, Version
from automations.problems import Invalid, refuse
from automations.versions import lanes_of
from loyalty.errors import NotFound


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
    with editing(automation, now) as draft:
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
    with editing(automation, now) as draft:
        step = _step(draft, key)
        before = dict(step.branches)
        _fit(step, values)
        _require_empty(lanes_of(draft), step, before)
        step.save()
    return step


def shift_step(automation: Automation, key: str, by: int, *, now: datetime) -> Step:
    """Move a step up (−1) or down (1) in its lane; at the end of the lane it stays."""
    with editing(automation, now) as draft:
        step = _step(draft, key)
        _move(draft, step, step.parent, step.branch, max(0, step.position + by))
    return step


def move_step(
    automation: Automation, key: str, lane: Lane, position: int, *, now: datetime
) -> Step:
    """Move a step, with all in its branches, to a place in any lane but its own branches'.

    `position` counts the lane as it is without the step.
    """
    with editing(automation, now) as draft:
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
    with editing(automation, now) as draft:
        step = _step(draft, key)
        gone = [step, *lanes_of(draft).below(step)]
        _close(draft, step)
        versions.delete_steps(gone)
    return [each.key for each in gone]


# --- Inside the transaction -----------------------------------------------------------------------


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


def _require_empty(lanes: Lanes, step: Step, before: Mapping[str, Any]) -> None:
    """Branches that it had `before` and has no more must not take steps with them."""
    for name in before.keys() - step.branches.keys():
        if n := len(lanes.at(step, name)):
            said = ngettext(
                "%(n)d step stands in “%(branch)s”. Move or delete it first.",
                "%(n)d steps stand in “%(branch)s”. Move or delete them first.",
                n,
            )
            raise refuse("", said % {"n": n, "branch": before[name]})


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
