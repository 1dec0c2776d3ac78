from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.only_row import OnlyRow
from loyalty.secrets import EncryptedJSONField, new_secrets


class Wallet(models.TextChoices):
    APPLE = "apple", _("Apple Wallet")
    GOOGLE = "google", _("Google Wallet")


class WalletKeys(OnlyRow):
    """What the business signs its passes with.

    Beside `Business` and not in it: everybody reads that, and nobody but us must decrypt this.
    `secrets` holds `apple_key` (PEM), `apple_next_key` (of a request that is not answered yet) and
    `google_account` (the service account's JSON, as Google gave it).
    """

    apple_certificate = models.TextField(_("pass certificate"), blank=True)
    apple_intermediate = models.TextField(_("Apple's intermediate certificate"), blank=True)
    google_issuer = models.CharField(_("issuer id"), max_length=30, blank=True)
    secrets = EncryptedJSONField(_("secrets"), default=new_secrets, blank=True)

    class Meta:
        verbose_name = _("wallets")
        verbose_name_plural = _("wallets")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_only_one_set_of_wallet_keys")
        ]

    def __str__(self) -> str:
        return str(_("Wallets"))


class PushOutcome(models.TextChoices):
    """What came of telling a wallet of the newest change."""

    NONE = "", _("Nothing to tell yet")
    SENT = "sent", _("Told")
    CAPPED = "capped", _("Told without a notification")
    FAILED = "failed", _("Could not be told")


def never() -> list[str]:
    return []


class Pass(models.Model):
    """A card in one kind of wallet. Written by `loyalty.wallet`.

    `version` grows with each change of what the pass shows: the second (since 1970) of the change,
    or one more than before where that is later. A phone is told of it as a date, and so that two
    changes never look like one. `due_at` is when the wallet is to be told; none: it knows. Whoever
    tells it draws a `claim` and moves `due_at` to the end of a lease.
    """

    card = models.ForeignKey(Card, models.CASCADE, related_name="passes", verbose_name=_("card"))
    wallet = models.CharField(_("wallet"), max_length=6, choices=Wallet)
    token = models.CharField(max_length=64)
    is_kept = models.BooleanField(_("in a wallet"), default=False)
    version = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(_("to be told"), null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    outcome = models.CharField(
        _("last told"), max_length=6, choices=PushOutcome, default=PushOutcome.NONE, blank=True
    )
    note = models.CharField(_("note"), max_length=250, blank=True)
    # When the wallet was told so that its owner noticed, of the last day.
    notified_at: "models.JSONField[Any, Any]" = models.JSONField(default=never)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("pass")
        verbose_name_plural = _("passes")
        constraints = [
            models.UniqueConstraint(
                fields=["card", "wallet"], name="a_card_has_one_pass_in_each_wallet"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pass_by_due")
        ]

    def __str__(self) -> str:
        return f"{self.card}: {self.get_wallet_display()}"


class Device(models.Model):
    """A phone or watch that keeps Apple passes; `library` is the name it gave itself for us, and
    `push_token` its address at Apple's push service."""

    library = models.CharField(max_length=100, unique=True)
    push_token = models.CharField(max_length=200)
    created_at = models.DateTimeField(_("first seen"), default=timezone.now)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.library


class Registration(models.Model):
    """That a device wants to know of changes of a pass."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="registrations")
    kept_pass = models.ForeignKey(Pass, models.CASCADE, related_name="registrations")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kept_pass"], name="a_device_registers_a_pass_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device}: {self.kept_pass}"
