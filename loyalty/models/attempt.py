from django.db import models
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """How often somebody tried something in a window of time; `key` is a keyed hash of what and
    who. Written by `loyalty.attempts`."""

    key = models.CharField(max_length=64, unique=True)
    n = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.n}"
