from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer


def new_lines() -> list[Any]:
    return []


class OrderStatus(models.TextChoices):
    """In the only order in which an order moves."""

    PENDING = "pending", _("Pending")
    PAID = "paid", _("Paid")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Order(models.Model):
    """A purchase, wherever it was made; `loyalty.orders` is its only writer.

    A row without `placed_at` was made by a refund that came before its order: it has no customer
    and no totals, and earns nothing until the order itself arrives.
    """

    key = models.CharField(_("key"), max_length=150, unique=True)
    platform = models.CharField(_("platform"), max_length=40, default="api")
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus, default=OrderStatus.PENDING
    )
    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    subtotal_cents = models.BigIntegerField(_("subtotal"), default=0)
    tax_cents = models.BigIntegerField(_("tax"), default=0)
    total_cents = models.BigIntegerField(_("total"), default=0)
    refunded_cents = models.BigIntegerField(_("refunded"), default=0)
    lines = models.JSONField(_("lines"), default=new_lines, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    never_earns = models.BooleanField(
        _("never earns"), default=False, help_text=_("Its earning was reversed at the till.")
    )
    source_updated_at = models.DateTimeField(_("changed at its source"), null=True, blank=True)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    subtotal_cents__gte=0,
                    tax_cents__gte=0,
                    total_cents__gte=0,
                    refunded_cents__gte=0,
                ),
                name="order_amounts_are_never_negative",
            )
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="order_by_customer")]

    def __str__(self) -> str:
        return self.key

    @property
    def net_cents(self) -> int:
        """What counts for earning: total less refunds while paid or completed, else nothing."""
        if self.status not in (OrderStatus.PAID, OrderStatus.COMPLETED) or self.never_earns:
            return 0
        return max(0, self.total_cents - self.refunded_cents)


class Refund(models.Model):
    """One refund of an order; `refunded_cents` of the order is their sum."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="refunds")
    key = models.CharField(_("key"), max_length=150)
    amount_cents = models.BigIntegerField(_("amount"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["order", "key"], name="a_refund_is_kept_once"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0), name="a_refund_is_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class OrderEarning(models.Model):
    """What an order has given a card so far, at the rate that held when it first earned there.

    `counted_cents` is the net that `amount` was computed from; the next change of the order posts
    the difference and updates the row under the card's account lock.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="earnings")
    card = models.ForeignKey("loyalty.Card", models.PROTECT, related_name="order_earnings")
    unit = models.CharField(max_length=12)
    earn_amount = models.PositiveIntegerField()
    earn_per_cents = models.PositiveIntegerField()
    counted_cents = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    shares_remainder = models.BooleanField(
        default=True,
        help_text=_("On a card that keeps a remainder: this order adds to it and takes from it."),
    )
    most = models.BigIntegerField(
        null=True, blank=True, help_text=_("More it may not give: the rest of the card's share.")
    )
    ripe_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Gives nothing before; empty: it counts.")
    )

    class Meta:
        verbose_name = _("order earning")
        verbose_name_plural = _("order earnings")
        constraints = [
            models.UniqueConstraint(fields=["order", "card"], name="an_order_earns_once_per_card")
        ]
        indexes = [
            models.Index(
                fields=["ripe_at"], condition=Q(ripe_at__isnull=False), name="earnings_by_ripeness"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"
