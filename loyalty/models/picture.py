from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Picture(models.Model):
    """A picture that staff brought, drawn anew by us as PNG: what was hidden in the file is gone.
    Kept in the database, so that every host has it. Written by `loyalty.pictures`."""

    digest = models.CharField(max_length=64, unique=True)
    data = models.BinaryField()
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"
