"""Draft and Working: publishing what is drawn, pausing, deleting; and what becomes of those inside.

Automations are locked NO KEY: pumps write rows that refer to them while they hold journeys.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from automations import choices as choosing
from automations import grounds
from automations.choices import EVERYBODY, FINISH, Choice, Way
from automations.engine import journeys, limits, moving, releasing
from automations.engine.plans import heard_inside
from automations.lint import problems
from automations.models import Automation, Step, Version
from automations.models.automation import Mode
from automations.problems import Findings, Invalid, refuse
from automations.standing import Inside
from automations.standing import of as standing

__all__ = [
    "PEOPLE",
    "Inside",
    "People",
    "delete_automation",
    "pause",
    "problems",
    "publish",
    "standing",
]


class People(StrEnum):
    """What may become of those inside when an automation goes back to Draft: they stay where they
    are (HOLD), walk on to the end (FINISH), or leave (END)."""

    HOLD = "hold"
    FINISH = "finish"
    END = "end"


PEOPLE = tuple(People)


# --- Publishing -----------------------------------------------------------------------------------


def publish(
    automation: Automation,
    *,
    choices: Mapping[str, str] | None = None,
    by: str = "",
    now: datetime,
) -> Version:
    """Freeze the draft, set it live and the automation to Working, let those held go on.

    Without a draft what was live works again. `choices` say by the key of the step at which people
    of older versions stand what becomes of them (`automations.choices`; `all`: at any other step);
    without one they finish in the version they are in. Who moves does so in bites of a transaction
    each, so publishing again with the same choices goes on where a crash has stopped it. `by` is
    who does it: `staff:3`, `api:1`. May be repeated. Raises Invalid with the problems by step key
    ("" for what concerns no step) or by `choices.<key>`, and then nothing was changed.
    """
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        version = locked.draft or locked.live
        if version is None or locked.deleted_at is not None:
            raise refuse("", _("There is nothing to publish."))
        chosen = _chosen(locked, version, choices or {})
        if not version.is_published:
            _freeze(version, by, now)
        was_working = locked.is_working
        locked.live, locked.draft = version, None
        locked.save(update_fields=["live", "draft"])
        if was_working or not chosen:
            _set_working(locked, now)
    if chosen:
        moving.move(locked, _move(locked, version, chosen, now))
        if not was_working:
            _work(locked, version, now)
    _show(automation, locked)
    return version


def _work(automation: Automation, version: Version, now: datetime) -> None:
    """Set it Working once everybody is where they should be, if nobody changed their mind."""
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        if locked.live_id == version.pk and locked.deleted_at is None:
            _set_working(locked, now)
    for name in ("mode", "changed_at", "lets_finish", "draft_note"):
        setattr(automation, name, getattr(locked, name))


def _set_working(locked: Automation, now: datetime) -> None:
    """Together with the release of whoever is held: see `journeys.still_draft`."""
    locked.mode, locked.changed_at = Mode.WORKING, now
    locked.lets_finish, locked.draft_note = False, ""
    locked.save(update_fields=["mode", "changed_at", "lets_finish", "draft_note"])
    journeys.release(locked)
    limits.forget_entries(locked)  # after the journeys, as a pump locks them


def _freeze(version: Version, by: str, now: datetime) -> None:
    found: dict[str, list[str]] = {}
    for problem in problems(version):
        found.setdefault(problem.step_key, []).append(problem.text)
    if found:
        raise Invalid(found)
    steps = list(version.steps.all())
    for step in steps:
        step.freeze()
    version.heard_inside = sorted(heard_inside(version, steps))
    version.published_at = version.changed_at = now
    version.published_by = by[:120]
    version.save(update_fields=["published_at", "published_by", "changed_at", "heard_inside"])


# --- Choices --------------------------------------------------------------------------------------


def _chosen(
    automation: Automation, version: Version, asked: Mapping[str, str]
) -> dict[str, Choice]:
    """By step key; none where everybody finishes. Raises Invalid naming each that cannot be."""
    spots, findings = grounds.of(version), Findings()
    had = Step.objects.non_polymorphic().filter(version__automation=automation)
    known = {EVERYBODY, *had.values_list("key", flat=True)}
    found: dict[str, Choice] = {}
    for key, text in asked.items():
        choice = choosing.read(str(text))
        found[key] = choice or FINISH
        if reason := _refusal(key, choice, known, spots):
            findings.add(f"choices.{key}", reason)
    findings.stop_if_any()
    return found if any(choice != FINISH for choice in found.values()) else {}


def _refusal(
    key: str, choice: Choice | None, known: set[str], spots: Mapping[str, grounds.Spot]
) -> str:
    if key not in known:
        return _("No version has a step with this key.")
    if choice is None:
        return _("Choose one of: %s.") % ", ".join([*list(Way)[:3], "skip_to:<key>", Way.EXIT])
    to = choice.to if choice.way == Way.SKIP_TO else key
    needs_place = choice.way in (Way.MOVE, Way.RESTART, Way.SKIP_TO) and to != EVERYBODY
    if key == EVERYBODY and choice.way not in (Way.FINISH, Way.MOVE):
        return _("For everybody there is only “finish” or “move”.")
    if needs_place and (to not in spots or spots[to].fork):
        return _("The new version has no step “%(key)s” to go on at.") % {"key": to}
    return ""


def _move(
    automation: Automation, version: Version, chosen: dict[str, Choice], now: datetime
) -> moving.Move:
    steps = Step.objects.filter(version__automation=automation).exclude(version=version)
    types = {(step.version_id, step.key): type(step) for step in steps}
    return moving.Move(version, grounds.of(version), chosen, now, types)


# --- Draft and the end ----------------------------------------------------------------------------


def pause(automation: Automation, people: str = People.HOLD, *, now: datetime) -> None:
    """Back to Draft: nobody enters, and those inside are held, walk on, or leave. May be repeated,
    with another choice for those who are still inside."""
    if people not in PEOPLE:
        raise refuse("people", _("Choose one of: %s.") % ", ".join(PEOPLE))
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        if locked.deleted_at is None:
            locked.mode, locked.changed_at = Mode.DRAFT, now
            locked.lets_finish = people == People.FINISH
            locked.save(update_fields=["mode", "changed_at", "lets_finish"])
            if people == People.FINISH:
                journeys.release(locked)
    if people != People.FINISH:
        journeys.hold(locked)
    if people == People.END:
        moving.end(locked, _("The automation was set back to Draft."), now)
    _show(automation, locked)


def delete_automation(automation: Automation, *, now: datetime) -> None:
    """Take it out of sight: those inside leave, its history stays, its slug is free again."""
    settling: list[int] = []
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation.pk)
        if locked.deleted_at is None:
            # Before the row changes: a new slug waits for every pump that refers to the automation,
            # and a pump that waits for it may hold journeys.
            journeys.end(locked, _("The automation was deleted."), now)
            settling = releasing.settling(locked, now)
            locked.mode, locked.deleted_at, locked.changed_at = Mode.DRAFT, now, now
            locked.slug = f"{locked.slug[:60]}--{locked.pk}"
            locked.save(update_fields=["mode", "deleted_at", "changed_at", "slug"])
    releasing.release(settling, now)
    _show(automation, locked)


def _show(automation: Automation, locked: Automation) -> None:
    """The caller's row says what was written."""
    own = ("live", "draft", "mode", "slug", "changed_at", "deleted_at", "lets_finish", "draft_note")
    for name in own:
        setattr(automation, name, getattr(locked, name))
