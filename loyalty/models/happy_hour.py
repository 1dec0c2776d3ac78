from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.mechanics import ONCE
from loyalty.models.program import Program

WEEKDAYS = {
    0: _("Monday"),
    1: _("Tuesday"),
    2: _("Wednesday"),
    3: _("Thursday"),
    4: _("Friday"),
    5: _("Saturday"),
    6: _("Sunday"),
}


def every_day() -> list[int]:
    return list(WEEKDAYS)


class HappyHour(models.Model):
    """Hours of the week in which a program gives more; on the business's clock.

    `percent` of what it gives otherwise: 200 is twice as much. Hours that end before they begin go
    on past midnight. Where several meet, the most generous counts.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="happy_hours")
    weekdays = models.JSONField(_("weekdays"), default=every_day)
    begins = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    percent = models.PositiveSmallIntegerField(
        _("percent"),
        default=200,
        validators=[MinValueValidator(ONCE), MaxValueValidator(1_000)],
        help_text=_("Of what is given otherwise: 200 is twice as much."),
    )

    class Meta:
        ordering = ["begins", "id"]
        verbose_name = _("happy hour")
        verbose_name_plural = _("happy hours")

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}, {self.percent} %"

    def clean(self) -> None:
        if not self.weekdays:
            raise ValidationError({"weekdays": _now("Choose a day.")})

    def is_on(self, wall: datetime) -> bool:
        """Whether clocks there that show `wall` are within it."""
        time = wall.time()
        if self.begins < self.ends:
            return wall.weekday() in self.weekdays and self.begins <= time < self.ends
        if time >= self.begins:
            return wall.weekday() in self.weekdays
        return time < self.ends and (wall - timedelta(days=1)).weekday() in self.weekdays
