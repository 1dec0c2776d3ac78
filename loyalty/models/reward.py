from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.program import Program


class RewardKind(models.TextChoices):
    """What a reward is worth: something, a part of the bill, or an amount off it."""

    GIFT = "gift", _("Gift")
    PERCENT = "percent", _("Percent off")
    FIXED = "fixed", _("Amount off")


class Reward(models.Model):
    """Something a customer may take for a fixed price in the program's points.

    On a stamp card it is a milestone: `price` is how many stamps of the row it takes to have it,
    and they stay. Price 0 is a welcome. The limits count redemptions that were not reversed.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="rewards")
    name = models.CharField(_("name"), max_length=120)
    price = models.PositiveIntegerField(_("price"), help_text=_("0: a welcome to each new card."))
    kind = models.CharField(_("kind"), max_length=7, choices=RewardKind, default=RewardKind.GIFT)
    percent = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    most_cents = models.PositiveBigIntegerField(_("but at most"), null=True, blank=True)
    value_cents = models.PositiveBigIntegerField(_("amount off"), null=True, blank=True)
    uses_per_card = models.PositiveIntegerField(
        _("times per card"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    uses_in_all = models.PositiveIntegerField(
        _("times in all"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["price", "name"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems = {}
        if self.kind == RewardKind.PERCENT and not self.percent:
            problems["percent"] = _now("Say how many percent.")
        if self.kind == RewardKind.FIXED and not self.value_cents:
            problems["value_cents"] = _now("Say how much.")
        if self.price == 0 and self.uses_per_card is None:
            problems["uses_per_card"] = _now("What costs nothing needs a limit for each card.")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            problems["ends_at"] = _now("This is before it begins.")
        if problems:
            raise ValidationError(problems)

    def is_offered(self, now: datetime) -> bool:
        """Whether it can be taken at all at that moment."""
        has_begun = self.starts_at is None or self.starts_at <= now
        return self.is_active and has_begun and (self.ends_at is None or now < self.ends_at)
