"""Connection: an account at somebody else's system. Receipt: one thing it told us."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from loyalty.models import Customer
from loyalty.secrets import EncryptedJSONField, new_secrets


class Connection(models.Model):
    """A stored account at another system; `connector` names a file of `integrations/connectors`.

    `credentials` holds the fields that the connector declares (its webhook secret among them) and
    `path_secret`, the last part of the hook's address.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    connector = models.CharField(_("system"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    credentials = EncryptedJSONField(_("credentials"), default=new_secrets, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    history = HistoricalRecords(excluded_fields=["credentials"])

    class Meta:
        ordering = ["name"]
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.name


class ReceiptState(models.TextChoices):
    RECEIVED = "received", _("Received")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Nothing to do")
    REJECTED = "rejected", _("Rejected")


class Receipt(models.Model):
    """One verified webhook, stored before it is understood; sent again, it is the same row.

    The answer to the sender is given when this row is committed; a worker reads it later, and what
    cannot be read becomes `rejected` with a note instead of an error for the sender.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="receipts")
    # Whom it turned out to be about; its body is forgotten with them.
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="receipts"
    )
    key = models.CharField(max_length=150)
    topic = models.CharField(_("topic"), max_length=80, blank=True)
    body = models.BinaryField()
    state = models.CharField(
        _("state"), max_length=8, choices=ReceiptState, default=ReceiptState.RECEIVED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    note = models.CharField(_("note"), max_length=500, blank=True)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(fields=["connection", "key"], name="a_receipt_is_kept_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="received"), name="receipts_to_read")
        ]

    def __str__(self) -> str:
        return self.topic or self.key
