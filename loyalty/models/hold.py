from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.operation import Operation
from loyalty.models.reward import Reward


class HoldState(models.TextChoices):
    OPEN = "open", _("Held")
    CAPTURED = "captured", _("Handed over")
    VOIDED = "voided", _("Given back")


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> "HoldQuerySet":
        return self.filter(state=HoldState.OPEN)


class Hold(models.Model):
    """A redemption with a deadline; `loyalty.holds` is its only writer, under the card's lock.

    Its operation has taken the value off the card. Capture makes that final, void or the deadline
    gives it back by a reversal. It leaves `open` once and never comes back.
    """

    card = models.ForeignKey(Card, models.PROTECT, related_name="holds", db_index=False)
    operation = models.OneToOneField(Operation, models.PROTECT, related_name="hold")
    unit = models.CharField(_("unit"), max_length=12)
    amount = models.BigIntegerField(_("amount"))
    reward = models.ForeignKey(
        Reward,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="holds",
        db_index=False,
        verbose_name=_("reward"),
    )
    is_claim = models.BooleanField(
        _("claimed by the customer"), default=False, help_text=_("Else a checkout holds it.")
    )
    state = models.CharField(_("state"), max_length=8, choices=HoldState, default=HoldState.OPEN)
    until = models.DateTimeField(_("until"))
    created_at = models.DateTimeField(_("held since"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=120, blank=True)
    handler = models.CharField(
        _("settled with"),
        max_length=60,
        blank=True,
        help_text=_("The journey that settles it when it ends; empty: staff do."),
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_hold_is_never_negative"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="a_hold_is_open_or_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"], condition=Q(state="open"), name="open_holds_by_deadline"
            ),
            models.Index(fields=["card", "-id"], name="hold_by_card"),
        ]

    def __str__(self) -> str:
        if self.reward_id:
            return str(self.reward)
        return self.card.program.amount_of(self.unit, self.amount)

    @property
    def is_handled(self) -> bool:
        """It waits for an automation, and not for staff."""
        return self.state == HoldState.OPEN and bool(self.handler)

    def is_over(self, now: datetime) -> bool:
        return self.until <= now
