from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from loyalty.secrets import EncryptedJSONField, new_secrets


class SenderQuerySet(models.QuerySet["Sender"]):
    def default_for(self, channel: str) -> "Sender | None":
        """The active sender used on that channel where none is chosen."""
        return self.filter(channel=channel, is_default=True, is_active=True).first()


class Sender(models.Model):
    """A stored account at a carrier; `provider` names a file of `messaging/providers`."""

    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(_("channel"), max_length=20, default="email")
    provider = models.CharField(_("carrier"), max_length=30)
    from_name = models.CharField(_("from name"), max_length=120, blank=True)
    from_address = models.CharField(_("from address"), max_length=254)
    settings = EncryptedJSONField(_("settings"), default=new_secrets, blank=True)
    is_default = models.BooleanField(_("used where none is chosen"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords(excluded_fields=["settings"])

    objects = SenderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(is_default=True),
                name="one_default_sender_per_channel",
                violation_error_message=_("Another sender is already used where none is chosen."),
            )
        ]

    def __str__(self) -> str:
        return self.name
