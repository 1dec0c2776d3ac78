from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer


def nothing() -> dict[str, Any]:
    return {}


class MagicLink(models.Model):
    """A link that was mailed to prove an address: to sign in, to change it, or to be forgotten.
    Used once, for a quarter of an hour; only the SHA-256 of its secret is kept."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign in")
        EMAIL = "email", _("New address")
        ERASE = "erase", _("Delete me")

    digest = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="magic_links")
    purpose = models.CharField(max_length=8, choices=Purpose)
    data = models.JSONField(default=nothing)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("magic link")
        verbose_name_plural = _("magic links")

    def __str__(self) -> str:
        return self.purpose


class SignIn(models.Model):
    """A browser in which a customer is signed in; only the SHA-256 of its cookie is kept."""

    digest = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="sign_ins")
    made_at = models.DateTimeField(_("since"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
