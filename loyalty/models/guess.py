from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.token import ApiToken


class Guess(models.Model):
    """A code that a token asked for and no card has; kept for as long as it counts."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="guesses")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("guess")
        verbose_name_plural = _("guesses")
        indexes = [models.Index(fields=["token", "at"], name="guess_by_token")]

    def __str__(self) -> str:
        return f"{self.token} {self.at:%c}"
