"""Draft and Working: what must be mended, publishing what is drawn, pausing, deleting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from automations import filters, surroundings
from automations.engine import journeys
from automations.lanes import Lanes
from automations.models import Automation, Thread, Trigger, Version
from automations.models.automation import Mode
from automations.problems import Invalid, Problem, refuse
from automations.triggers import TRIGGERS
from automations.versions import lanes_of, thread_of
from loyalty.models import Program

# Automations are locked NO KEY: pumps write rows that refer to them while they hold journeys.

# What may become of the people inside when an automation goes back to Draft.
PEOPLE = ("hold",)


def publish(automation: Automation, *, now: datetime) -> Version:
    """Freeze the draft, set it live and the automation to Working, let those held go on.

    Without a draft what was live works again. May be repeated. Raises Invalid with the problems by
    step key ("" for what concerns the whole chain), and then nothing was changed.
    """
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        version = locked.draft or locked.live
        if version is None or locked.deleted_at is not None:
            raise refuse("", _("There is nothing to publish."))
        if not version.is_published:
            _freeze(version, now)
        locked.live, locked.draft, locked.mode = version, None, Mode.WORKING
        locked.changed_at = now
        locked.save(update_fields=["live", "draft", "mode", "changed_at"])
        journeys.release(locked)
    _show(automation, locked)
    return version


def pause(automation: Automation, people: str = "hold", *, now: datetime) -> None:
    """Back to Draft: nobody enters, and those inside are held where they are. May be repeated."""
    if people not in PEOPLE:
        raise refuse("people", _("Choose one of: %s.") % ", ".join(PEOPLE))
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        if locked.is_working:
            locked.mode, locked.changed_at = Mode.DRAFT, now
            locked.save(update_fields=["mode", "changed_at"])
            journeys.hold(locked)
    _show(automation, locked)


def delete_automation(automation: Automation, *, now: datetime) -> None:
    """Take it out of sight: those inside leave, its history stays, its slug is free again."""
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        if locked.deleted_at is None:
            # Before the row changes: a new slug waits for every pump that refers to the automation,
            # and a pump that waits for it may hold journeys.
            journeys.end(locked, _("The automation was deleted."), now)
            locked.mode, locked.deleted_at, locked.changed_at = Mode.DRAFT, now, now
            locked.slug = f"{locked.slug[:60]}--{locked.pk}"
            locked.save(update_fields=["mode", "deleted_at", "changed_at", "slug"])
    _show(automation, locked)


def problems(version: Version) -> list[Problem]:
    """Everything that must be mended before the version may be published, in reading order."""
    thread = thread_of(version)
    lanes = lanes_of(version)
    return [*_before_the_chain(version, thread), *_in_the_chain(version, thread, lanes)]


def _before_the_chain(version: Version, thread: Thread) -> Iterator[Problem]:
    triggers = list(thread.triggers.all())
    if not triggers:
        yield Problem("", _("Choose what starts it."))
    programs = surroundings.programs_of(version)
    for trigger in triggers:
        yield from _of_trigger(trigger, programs)


def _of_trigger(trigger: Trigger, programs: list[Program]) -> Iterator[Problem]:
    kind = TRIGGERS.get(trigger.type)
    if kind is None:
        yield Problem("", _("There is no trigger “%(name)s”.") % {"name": trigger.type})
        return
    found = kind.problems(trigger.params, programs)
    if trigger.filter is not None:
        found += filters.problems(trigger.filter, surroundings.of_trigger(kind, programs))
    for text in found:
        yield Problem("", f"{kind.label}: {text}")


def _in_the_chain(version: Version, thread: Thread, lanes: Lanes) -> Iterator[Problem]:
    around = replace(surroundings.of(version), grounds=dict(lanes.grounds(None, thread.key)))
    unreachable = {step.pk for step in lanes.unreachable(None, thread.key)}
    chain = list(lanes.walk(None, thread.key))
    if not chain:
        yield Problem("", _("It has no steps yet."))
    for step in chain:
        if step.pk in unreachable:
            yield Problem(step.key, _("Nobody comes here: all before it leave with an exit."))
        for text in step.problems(around):
            yield Problem(step.key, str(text))


def _freeze(version: Version, now: datetime) -> None:
    found: dict[str, list[str]] = {}
    for problem in problems(version):
        found.setdefault(problem.step_key, []).append(problem.text)
    if found:
        raise Invalid(found)
    for step in version.steps.all():
        step.freeze()
    version.published_at = version.changed_at = now
    version.save(update_fields=["published_at", "changed_at"])


def _show(automation: Automation, locked: Automation) -> None:
    """The caller's row says what was written."""
    for name in ("live", "draft", "mode", "slug", "changed_at", "deleted_at"):
        setattr(automation, name, getattr(locked, name))
