from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.program import Program

if TYPE_CHECKING:
    from decimal import Decimal

# A rate is kept in hundredths of a percent.
WHOLE = 10_000


class Rate(models.Model):
    """How much cashback or discount a card gives once so much was spent with it."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="rates")
    from_cents = models.PositiveBigIntegerField(_("from an amount spent of"))
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        ordering = ["from_cents"]
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "from_cents"], name="one_rate_for_an_amount_spent"
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100),
                name="a_rate_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{said(self.percent)} %"

    @property
    def hundredths(self) -> int:
        """In hundredths of a percent."""
        return int(self.percent * 100)


def reached(rates: Sequence[Rate], spent_cents: int) -> Rate | None:
    """The highest that so much has reached; None before the first."""
    return next((each for each in reversed(rates) if each.from_cents <= spent_cents), None)


def following(rates: Sequence[Rate], spent_cents: int) -> Rate | None:
    """The next one above that; None at the top."""
    return next((each for each in rates if each.from_cents > spent_cents), None)


def said(percent: "Decimal") -> str:
    """`7.5`, `10`: without noughts that say nothing."""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
