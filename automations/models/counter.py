from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from automations.models.automation import Automation


class CounterQuerySet(models.QuerySet["Counter"]):
    def total(self, metric: str) -> int:
        return int(self.filter(metric=metric).aggregate(total=Sum("n"))["total"] or 0)


class Counter(models.Model):
    """A number by automation, step, day and shard, so that no two pumps meet on a row.

    Metrics of an automation (`step_key` empty): `launched`, `finished`, `stopped`; of a step:
    `reached` and each outcome of a step run. The day is the day in UTC.
    """

    automation = models.ForeignKey(Automation, models.CASCADE, related_name="counters")
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

    def __str__(self) -> str:
        return f"{self.metric} {self.n}"
