from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.program import Program


class PresentState(models.TextChoices):
    WAITING = "waiting", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Could not be delivered")


class Present(models.Model):
    """A gift card that somebody bought for somebody else and that is given on its day.

    Until then there is no card and nobody is told. Written by `loyalty.presents`.
    """

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="presents", verbose_name=_("program")
    )
    amount = models.BigIntegerField(_("amount"))
    to_email = models.EmailField(_("to"), max_length=254)
    to_name = models.CharField(_("their first name"), max_length=120, blank=True)
    giver = models.CharField(_("from"), max_length=120, blank=True)
    message = models.TextField(_("message"), max_length=500, blank=True)
    deliver_at = models.DateTimeField(_("deliver"), default=timezone.now)
    state = models.CharField(
        _("status"), max_length=9, choices=PresentState, default=PresentState.WAITING
    )
    note = models.CharField(_("note"), max_length=250, blank=True)
    card = models.ForeignKey(
        Card,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="presents",
        verbose_name=_("card"),
    )
    key = models.CharField(max_length=200, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    actor = models.CharField(_("made by"), max_length=120)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("present")
        verbose_name_plural = _("presents")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_present_holds_something"),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(card__isnull=False),
                name="a_delivered_present_is_a_card",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deliver_at"], condition=Q(state="waiting"), name="presents_to_deliver"
            )
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.to_name or self.to_email}"
