from datetime import timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.location import Location

SCOPES = ("scanner", "kiosk", "adjust", "customers", "events", "automations")

# Minutes for which a kiosk does not serve the same card again.
USUAL_REST, LONGEST_REST = 60, 7 * 24 * 60


def no_scopes() -> list[str]:
    return []


class ApiToken(models.Model):
    """A key to the API; only its SHA-256 is kept, so it can be shown once and never again."""

    name = models.CharField(_("name"), max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(_("begins with"), max_length=12)
    scopes = models.JSONField(_("scopes"), default=no_scopes)
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="tokens"
    )
    kiosk_minutes = models.PositiveIntegerField(
        _("a kiosk rests"),
        default=USUAL_REST,
        validators=[MaxValueValidator(LONGEST_REST)],
        help_text=_("Minutes in which a card is not served by a kiosk again."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def rest(self) -> timedelta:
        """For how long a kiosk does not serve a card again."""
        return timedelta(minutes=self.kiosk_minutes)

    def allows(self, scope: str) -> bool:
        return self.revoked_at is None and scope in self.scopes
