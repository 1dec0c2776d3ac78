from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer


def nothing() -> list[int]:
    return []


def no_names() -> dict[str, str]:
    return {}


class Rfm(models.Model):
    """How customers are told apart by when, how often and for how much they come; a single row with
    primary key 1. Written by `loyalty.rfm` alone.

    `recency_days` and `visit_counts` are the upper ends of the bands, lowest first: [30, 60, 90]
    are the bands 0–30, 31–60, 61–90 and more. Empty: customers are ranked against each other.
    """

    preset = models.CharField(_("scheme"), max_length=20, default="grid")
    recency_days = models.JSONField(default=nothing, blank=True)
    visit_counts = models.JSONField(default=nothing, blank=True)
    names = models.JSONField(
        default=no_names, blank=True, help_text=_("Segment → what the shop calls it.")
    )
    frequency_window_days = models.PositiveIntegerField(
        _("count visits of the last … days"), null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    is_quiet = models.BooleanField(
        default=True, help_text=_("The next count tells nobody: it is the first of its kind.")
    )
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("RFM")
        verbose_name_plural = _("RFM segments")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_only_one_rfm")
        ]

    def __str__(self) -> str:
        return str(_("RFM"))


class RfmStanding(models.Model):
    """Where a customer stands; written by `loyalty.rfm` alone.

    The three scores count from 1, the worst. `moves` counts the changes of segment, so that each is
    told once.
    """

    customer = models.OneToOneField(
        Customer, models.PROTECT, primary_key=True, related_name="rfm_standing"
    )
    segment = models.CharField(_("segment"), max_length=40)
    recency = models.PositiveSmallIntegerField()
    visits = models.PositiveSmallIntegerField()
    spent = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=40, blank=True)
    moves = models.PositiveIntegerField(default=0)
    since: "models.DateTimeField[Any, datetime]" = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("RFM standing")
        verbose_name_plural = _("RFM standings")
        indexes = [
            models.Index(fields=["recency", "visits", "segment"], name="rfm_by_cell"),
        ]

    def __str__(self) -> str:
        return self.segment
