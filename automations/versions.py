"""Versions as rows: a new draft, a copy of what is live, the steps of a document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max

from automations.lanes import Lanes
from automations.models import Automation, Step, Thread, Trigger, Version


@dataclass(slots=True)
class Drawn:
    """A step that is not yet a row: its column values, and the steps of its branches."""

    type: type[Step]
    key: str
    values: dict[str, Any]
    branches: dict[str, list["Drawn"]] = field(default_factory=dict)


def threads_of(version: Version) -> list[Thread]:
    """Its threads in their order; a version has one at least."""
    return list(version.threads.order_by("position", "pk"))


def lanes_of(version: Version) -> Lanes:
    """Its chain; one query, and one for each step type in it."""
    return Lanes(version.steps.all())


def draft_of(automation: Automation, now: datetime) -> Version:
    """The version staff edit: the draft, else a copy of what is live, else an empty one.

    The caller holds the automation's row lock.
    """
    if automation.draft is not None:
        return automation.draft
    draft = new_version(automation, now)
    if automation.live is None:
        Thread.objects.create(version=draft)
    else:
        _copy(automation.live, draft)
    _set_draft(automation, draft)
    return draft


def replace_draft(automation: Automation, draft: Version) -> None:
    """Make it the draft; the one before is gone for good."""
    old = automation.draft
    _set_draft(automation, draft)
    if old is not None:
        delete(old)


def new_version(automation: Automation, now: datetime) -> Version:
    last = automation.versions.aggregate(last=Max("number"))["last"] or 0
    return Version.objects.create(automation=automation, number=last + 1, changed_at=now)


def delete(version: Version) -> None:
    """Take a draft away with all that is in it; a published version is never deleted."""
    delete_steps(list(version.steps.all()))
    version.delete()


def delete_steps(gone: Sequence[Step]) -> None:
    """Take steps away; whoever calls it names those in their branches too.

    Type by type and out of their lanes first: a cascade from step to step would hand Django's
    collector rows of one type under another's name.
    """
    pks = [step.pk for step in gone]
    Step.objects.non_polymorphic().filter(pk__in=pks).update(parent=None)
    for step_type in {type(step) for step in gone}:
        step_type.objects.filter(pk__in=pks).delete()


def write_steps(version: Version, thread: Thread, drawn: Iterable[Drawn]) -> None:
    """Lay out a chain that is not there yet."""
    todo: list[tuple[Step | None, str, list[Drawn]]] = [(None, thread.key, list(drawn))]
    while todo:
        fork, branch, lane = todo.pop()
        for position, each in enumerate(lane):
            step = each.type(
                version=version,
                parent=fork,
                branch=branch,
                position=position,
                key=each.key,
                **each.values,
            )
            step.save()
            todo += [(step, name, below) for name, below in each.branches.items()]


# What a copy takes over.
_OF_A_VERSION = ("starts_at", "ends_at", "platforms", "goal", "exits")
_OF_A_THREAD = ("key", "name", "again", "days", "entry_key", "if_inside", "cap", "position")
_OF_A_TRIGGER = ("type", "params", "filter", "position")


def _copy(source: Version, target: Version) -> None:
    for name in _OF_A_VERSION:
        setattr(target, name, getattr(source, name))
    target.save(update_fields=_OF_A_VERSION)
    target.programs.set(source.programs.all())
    target.locations.set(source.locations.all())
    lanes = lanes_of(source)
    for thread in threads_of(source):
        own = {name: getattr(thread, name) for name in _OF_A_THREAD}
        copied = Thread.objects.create(version=target, **own)
        Trigger.objects.bulk_create(
            Trigger(thread=copied, **{name: getattr(trigger, name) for name in _OF_A_TRIGGER})
            for trigger in thread.triggers.all()
        )
        write_steps(target, copied, [_drawn(step, lanes) for step in lanes.at(None, thread.key)])


def _drawn(step: Step, lanes: Lanes) -> Drawn:
    own = {name: getattr(step, name) for name in step.fields}
    branches = {
        name: [_drawn(below, lanes) for below in lanes.at(step, name)] for name in step.branches
    }
    return Drawn(type(step), step.key, own, branches)


def _set_draft(automation: Automation, draft: Version) -> None:
    automation.draft = draft
    automation.save(update_fields=["draft"])
