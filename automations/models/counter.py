from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from automations.models.automation import Automation


class Quota(models.Model):
    """What was used up of a limit, by automation and period; locked while a batch draws on it.

    Kinds are named in `engine.limits`. `period` is the first moment (UTC) of the day it is counted
    in; a quota for ever starts in 1970.
    """

    automation = models.ForeignKey(
        Automation, models.CASCADE, related_name="quotas", db_index=False
    )
    thread = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=12)
    period = models.DateTimeField()
    used = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "thread", "kind", "period"], name="one_quota_per_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.used}"


class Pulse(models.Model):
    """How many journeys of an automation moved in five minutes, and for how many of them a step
    failed; by shard, so that no two pumps meet on a row. Kept for little more than an hour
    (`engine.breaker`)."""

    automation = models.ForeignKey(
        Automation, models.CASCADE, related_name="pulses", db_index=False
    )
    shard = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    moved = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "shard", "at"], name="one_pulse_per_shard_and_stride"
            )
        ]

    def __str__(self) -> str:
        return f"{self.failed} / {self.moved}"


class Canary(models.Model):
    """Says, from outside its transactions, that a shard is being pumped: one that is still there
    when the next pump comes was left by a process that died. Then batches become smaller, until
    the journey or event that kills its process is alone (`engine.canary`)."""

    shard = models.PositiveSmallIntegerField(primary_key=True)
    owner = models.CharField(max_length=100)
    size = models.PositiveSmallIntegerField()
    suspect = models.CharField(max_length=40, blank=True)
    deaths = models.PositiveSmallIntegerField(default=0)
    armed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("canary")
        verbose_name_plural = _("canaries")

    def __str__(self) -> str:
        return f"{self.shard}: {self.size}"


class Sweep(models.Model):
    """How far housekeeping came through a table, by primary key, and when it begins anew."""

    name = models.CharField(max_length=20, primary_key=True)
    place = models.BigIntegerField(default=0)
    again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")

    def __str__(self) -> str:
        return f"{self.name} {self.place}"


class CounterQuerySet(models.QuerySet["Counter"]):
    def total(self, metric: str) -> int:
        return int(self.filter(metric=metric).aggregate(total=Sum("n"))["total"] or 0)


class Counter(models.Model):
    """A number by automation, step, day and shard, so that no two pumps meet on a row; old ones are
    put together in shard 0 (`engine.housekeeping`).

    Metrics of an automation (`step_key` empty): `launched`, `finished`, `stopped` and, among those
    that ended, `failed` (a step failed too often), `converted` (goal) and `left` (exit rule);
    limits that were hit: `loops`, `daily`, `capped`, `budget`, `breaker`. Of a step: `reached` and
    each outcome of a step run. The day is the day in UTC.
    """

    automation = models.ForeignKey(
        Automation, models.CASCADE, related_name="counters", db_index=False
    )
    step_key = models.CharField(max_length=40, blank=True)
    metric = models.CharField(max_length=12)
    day = models.DateField()
    shard = models.PositiveSmallIntegerField()
    n = models.BigIntegerField(default=0)

    objects = CounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "step_key", "metric", "day", "shard"],
                name="one_counter_per_shard_and_day",
            )
        ]
        indexes = [
            models.Index(fields=["day"], condition=Q(shard__gt=0), name="counters_to_put_together")
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.n}"
