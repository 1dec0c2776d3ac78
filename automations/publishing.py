"""Draft and Working: what must be mended, publishing what is drawn, pausing, deleting."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from automations.engine import journeys
from automations.lint import problems
from automations.models import Automation, Version
from automations.models.automation import Mode
from automations.problems import Invalid, refuse

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
