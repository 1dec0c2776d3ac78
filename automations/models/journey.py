from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from automations.models.automation import Automation, Version
from loyalty.models import Card, Customer, Event


def new_data() -> dict[str, Any]:
    return {}


class JourneyState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


class Journey(models.Model):
    """One customer's way through one version of an automation. Moved by `engine.walk` alone.

    `step_key` is where it stands, `due_at` when it moves next, `is_inside` whether the step there
    has already begun (a wait that is running); `awaits` names the event that would end that wait.
    A branch of a `parallel` step is a journey of its own under its `parent`, which goes on when all
    of them have ended. `moves` counts step runs and names their effects:
    what step run n wants of the outside world carries the key `journey:<id>:<n>`.
    """

    # Every move of a journey writes every index of it: only what is looked up by has one.
    automation = models.ForeignKey(
        Automation, models.PROTECT, related_name="journeys", db_index=False
    )
    version = models.ForeignKey(Version, models.PROTECT, related_name="journeys", db_index=False)
    thread = models.CharField(max_length=40)
    shard = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=60)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="journeys", db_index=False
    )
    card = models.ForeignKey(
        Card, models.PROTECT, null=True, blank=True, related_name="journeys", db_index=False
    )
    event = models.ForeignKey(Event, models.PROTECT, related_name="journeys", db_index=False)
    depth = models.PositiveSmallIntegerField(default=1)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", db_index=False
    )
    step_key = models.CharField(max_length=40, blank=True)
    awaits = models.CharField(max_length=80, blank=True)
    is_inside = models.BooleanField(default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=JourneyState, default=JourneyState.WAITING
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    moves = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    data = models.JSONField(default=new_data)
    note = models.CharField(_("note"), max_length=250, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        indexes = [
            models.Index(
                fields=["shard", "due_at", "id"], condition=Q(state="waiting"), name="journeys_due"
            ),
            models.Index(
                fields=["parent"], condition=Q(parent__isnull=False), name="branches_of_journeys"
            ),
            models.Index(fields=["subject", "state"], name="journey_by_subject"),
            models.Index(fields=["automation", "-id"], name="journey_by_automation"),
        ]

    def __str__(self) -> str:
        return f"{self.automation} #{self.pk}"


class RunOutcome(models.TextChoices):
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    WAITING = "waiting", _("Waiting")
    RETRIED = "retried", _("Retried")
    STOPPED = "stopped", _("Stopped")


class StepRun(models.Model):
    """One thing a journey did; append-only history that nothing refers to."""

    journey = models.ForeignKey(
        Journey, models.CASCADE, related_name="step_runs", db_constraint=False, db_index=False
    )
    moves = models.PositiveIntegerField()
    step_key = models.CharField(max_length=40)
    type = models.CharField(max_length=30)
    outcome = models.CharField(max_length=8, choices=RunOutcome)
    note = models.CharField(max_length=250, blank=True)
    result = models.JSONField(default=new_data)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("step run")
        verbose_name_plural = _("step runs")
        indexes = [models.Index(fields=["journey", "id"], name="step_run_by_journey")]

    def __str__(self) -> str:
        return f"{self.step_key}: {self.outcome}"
