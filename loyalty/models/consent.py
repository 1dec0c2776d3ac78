from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer


class Consent(models.Model):
    """One yes or no of a customer to a channel; append-only, the newest counts."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consent_history")
    channel = models.CharField(_("channel"), max_length=20)
    is_given = models.BooleanField(_("given"))
    source = models.CharField(_("source"), max_length=120, help_text=_("Where they said it."))
    proof = models.CharField(
        _("proof"), max_length=300, blank=True, help_text=_("The words they agreed to.")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.channel}: {gettext('yes') if self.is_given else gettext('no')}"
