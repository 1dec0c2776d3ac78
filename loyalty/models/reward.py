from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.program import Program


class Reward(models.Model):
    """Something a customer may take for a fixed price in the program's points."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="rewards")
    name = models.CharField(_("name"), max_length=120)
    price = models.PositiveIntegerField(_("price"), validators=[MinValueValidator(1)])
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["price", "name"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gt=0), name="a_reward_has_a_price")
        ]

    def __str__(self) -> str:
        return self.name
