from django.db import models
from django.utils.translation import gettext_lazy as _


class Template(models.Model):
    """A text with merge tags, kept for ever under the hash of what it says, so a queued message
    is rendered from what was published and not from what was edited since."""

    digest = models.CharField(max_length=64, unique=True)
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("body"))

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")

    def __str__(self) -> str:
        return self.subject
