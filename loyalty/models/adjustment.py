from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.operation import Operation
from loyalty.postings import Kind


class AdjustmentState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a second person")
    POSTED = "posted", _("Posted")
    REFUSED = "refused", _("Refused")


class Adjustment(models.Model):
    """What somebody wants to give or take by hand and a second person must agree to.

    Written by `loyalty.adjusting`. `key` is the one of the form it was asked with.
    """

    KINDS = ((Kind.ACCRUE.value, _("Give")), (Kind.REDEEM.value, _("Take")))

    card = models.ForeignKey(
        Card, models.PROTECT, related_name="adjustments", verbose_name=_("card")
    )
    kind = models.CharField(_("what"), max_length=8, choices=KINDS)
    unit = models.CharField(_("unit"), max_length=12)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=250)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(
        _("status"), max_length=8, choices=AdjustmentState, default=AdjustmentState.WAITING
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        verbose_name=_("operation"),
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_adjustment_is_of_something"),
            models.CheckConstraint(
                condition=~Q(state="posted") | ~Q(decided_by=F("asked_by")),
                name="a_second_person_posts_an_adjustment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.card.program.amount_of(self.unit, self.amount)}"
