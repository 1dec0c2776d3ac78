from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.location import Location
from loyalty.models.token import USUAL_REST, ApiToken


class Pairing(models.Model):
    """An invitation to one device: whoever shows its code in time gets a token, once.

    Of the code only its SHA-256 is kept. Written by `loyalty.pairings` alone.
    """

    name = models.CharField(_("name"), max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    location = models.ForeignKey(Location, models.CASCADE, related_name="pairings")
    is_kiosk = models.BooleanField(_("a kiosk"), default=False)
    kiosk_minutes = models.PositiveIntegerField(default=USUAL_REST)
    token = models.OneToOneField(
        ApiToken, models.CASCADE, null=True, blank=True, related_name="pairing"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")

    def __str__(self) -> str:
        return self.name

    def is_open(self, now: datetime) -> bool:
        return self.token_id is None and now < self.expires_at
