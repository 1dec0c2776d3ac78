from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from automations.models.automation import Automation
from loyalty.models import Customer, Event


class Enrolment(models.Model):
    """Who entered, once per key, for ever: the fence against entering twice.

    `key` is the event's key; under "once" the word "once", under "once per key" `key:` and the
    value of the field that decides.
    """

    automation = models.ForeignKey(
        Automation, models.CASCADE, related_name="enrolments", db_index=False
    )
    thread = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    key = models.CharField(max_length=250)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "thread", "subject", "key"], name="nobody_enters_twice"
            )
        ]
        indexes = [
            models.Index(fields=["automation", "subject", "at"], name="enrolment_by_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.key}"


class Verdict(models.TextChoices):
    ENTERED = "entered", _("Entered")
    REFUSED = "refused", _("Not entered")


class Decision(models.Model):
    """What became of an event at an automation whose trigger it matched; append-only."""

    automation = models.ForeignKey(
        Automation, models.CASCADE, related_name="decisions", db_index=False
    )
    thread = models.CharField(max_length=40)
    event = models.ForeignKey(Event, models.CASCADE, related_name="decisions", db_constraint=False)
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="decisions",
        db_constraint=False,
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["automation", "-id"], name="decision_by_automation")]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}"
