from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.customer import Customer
from loyalty.models.location import Location
from loyalty.models.quick import QuickToRead


def new_data() -> dict[str, Any]:
    return {}


def subject_of(event_id: int, customer_id: int | None) -> str:
    return f"customer:{customer_id}" if customer_id else f"event:{event_id}"


class Event(QuickToRead):
    """A fact in the past, written with what it tells of; its key is unique for ever.

    `entered_at` is empty until `automations` has looked at it, or knows that nobody hears it.
    `shard` is the hash of its subject: what happens to one customer is handled in order.
    """

    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(_("key"), max_length=250, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    shard = models.PositiveSmallIntegerField()
    # Written by the hundred: the database does not check what a row tells of (decision 0013).
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    card = models.ForeignKey(
        Card,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
        db_constraint=False,
        verbose_name=_("location"),
    )
    data = models.JSONField(_("data"), default=new_data)
    cause = models.CharField(
        _("cause"), max_length=120, help_text=_("scan, order:4711, journey:12, api:3, import")
    )
    depth = models.PositiveSmallIntegerField(
        _("depth"), default=0, help_text=_("How many journeys stand between it and the world.")
    )
    occurred_at = models.DateTimeField(_("happened"), default=timezone.now)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now)
    entered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["shard", "id"], condition=Q(entered_at=None), name="events_to_enter"
            ),
            models.Index(fields=["customer", "-occurred_at"], name="event_by_customer"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """Who it happened to: what journeys it starts are filed under."""
        return subject_of(self.pk, self.customer_id)
