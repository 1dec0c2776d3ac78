from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty import zones
from loyalty.models.program import Program


class Period(models.TextChoices):
    """How long a plan is paid for; calendar days and months on the business's clock."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")


class Plan(models.Model):
    """What a membership program sells for a time: a level, for a period, at a price.

    `visits` is how many a member has in each period (empty: as many as they like, they are only
    counted), `visits_per_location` how many of them at one place.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="plans")
    level = models.PositiveSmallIntegerField(
        _("level"), default=1, help_text=_("1 is the lowest; new cards begin there.")
    )
    name = models.CharField(_("name"), max_length=80)
    period = models.CharField(_("period"), max_length=5, choices=Period, default=Period.MONTH)
    price_cents = models.PositiveBigIntegerField(_("price"), default=0)
    visits = models.PositiveIntegerField(
        _("visits in a period"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("Empty: no limit."),
    )
    visits_per_location = models.PositiveIntegerField(
        _("of them at one location"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("Empty: no limit."),
    )
    benefits = models.TextField(_("benefits"), blank=True, help_text=_("One a line."))
    is_recommended = models.BooleanField(_("recommended"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["level", "-is_recommended", "price_cents", "id"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "name", "period"], name="one_plan_of_a_name_for_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_period_display()}"

    def clean(self) -> None:
        """Left and made are two meanings of one number: a plan that cards have keeps its own."""
        before = Plan.objects.filter(pk=self.pk).first() if self.pk else None
        if before and (before.visits is None) != (self.visits is None) and before.cards.exists():
            said = _now("Cards have this plan: make another one with or without a limit.")
            raise ValidationError({"visits": said})

    def ends(self, begins: datetime, zone: str) -> datetime:
        """When a period that begins then is over."""
        return self._moved(begins, 1, zone)

    def began(self, ends: datetime, now: datetime, zone: str) -> datetime:
        """When the period began that runs now, of a card that ends then; `ends` once it is over."""
        begins, periods = ends, 0
        while begins > now:
            periods += 1
            begins = self._moved(ends, -periods, zone)
        return begins

    def _moved(self, moment: datetime, periods: int, zone: str) -> datetime:
        match self.period:
            case Period.DAY:
                return zones.later(moment, periods, 0, zone)
            case Period.WEEK:
                return zones.later(moment, 7 * periods, 0, zone)
            case Period.MONTH:
                return zones.months_later(moment, periods, zone)
        return zones.months_later(moment, 12 * periods, zone)
