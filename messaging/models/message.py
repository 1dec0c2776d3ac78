from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models import Customer
from messaging.models.sender import Sender
from messaging.models.template import Template


def new_names() -> dict[str, Any]:
    return {}


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    REFUSED = "refused", _("Not sent")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("In doubt")


class Purpose(models.TextChoices):
    """Why it is said: only `agreed` needs consent. The others are what the product itself must say
    (`loyalty.notices`); what `access` says opens a door, so staff are not shown it."""

    AGREED = "agreed", _("Agreed to")
    SERVICE = "service", _("Service")
    ACCESS = "access", _("Access")


TONES = {"sent": "good", "failed": "bad", "unknown": "warn", "sending": "blue"}


class MessageQuerySet(models.QuerySet["Message"]):
    def in_local_outbox(self) -> "MessageQuerySet":
        """What the local carrier took instead of sending it, newest first."""
        sent = self.filter(state=MessageState.SENT, sender__provider="outbox")
        return sent.order_by("-sent_at", "-pk")


class Message(models.Model):
    """One thing to say to one customer: an outbox row. Written by `messaging.outbox` (queued) and
    `messaging.dispatch` (all that follows).

    `key` is unique for ever (`journey:<id>:<moves>`). `names` is the snapshot of what its merge
    tags use. A claim draws a fresh `token` and moves `due_at` to the end of its lease; an answer
    without the token is void. `refused` means the gate said no (consent, no address); `unknown`
    that a carrier without idempotency keys may or may not have taken it: shown to staff, never
    sent again by itself. `to` is filled in when it is sent, but for what the product itself says,
    which goes to the address it was written for.
    """

    key = models.CharField(max_length=120, unique=True)
    # Written by the hundred: the database does not check what a row tells of (decision 0013).
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
        verbose_name=_("customer"),
    )
    channel = models.CharField(_("channel"), max_length=20, default="email")
    purpose = models.CharField(_("purpose"), max_length=7, choices=Purpose, default=Purpose.AGREED)
    sender = models.ForeignKey(
        Sender,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
        db_constraint=False,
        verbose_name=_("sender"),
    )
    template = models.ForeignKey(
        Template,
        models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
        verbose_name=_("template"),
    )
    names = models.JSONField(default=new_names)
    cause = models.CharField(_("cause"), max_length=120)
    state = models.CharField(
        _("state"), max_length=8, choices=MessageState, default=MessageState.QUEUED
    )
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    token = models.CharField(max_length=32, blank=True)
    to = models.CharField(_("to"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("html"), blank=True)
    provider_id = models.CharField(max_length=250, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    created_at = models.DateTimeField(_("queued"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="messages_due",
            ),
            models.Index(fields=["customer", "-id"], name="message_by_customer"),
            models.Index(fields=["state", "-id"], name="message_by_state"),
        ]

    def __str__(self) -> str:
        return self.subject or self.key

    @property
    def tone(self) -> str:
        """The colour its state is shown in."""
        return TONES.get(self.state, "neutral")
