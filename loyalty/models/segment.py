from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer


class Segment(models.Model):
    """Customers who meet a condition now. Written by `loyalty.segments` alone.

    `condition` is in the language of `loyalty.conditions`; `size` is as of `counted_at`.
    """

    slug = models.SlugField(
        _("slug"), max_length=60, unique=True, help_text=_("Conditions and the API name it so.")
    )
    name = models.CharField(_("name"), max_length=120)
    condition = models.JSONField(_("who belongs to it"))
    size = models.PositiveIntegerField(_("customers"), default=0)
    version = models.PositiveIntegerField(default=1)
    is_quiet = models.BooleanField(
        default=True, help_text=_("The next count tells nobody: it is the first of its kind.")
    )
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    """One customer in one segment, for as long as they are; written by `loyalty.segments` alone."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="placements", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="placements")
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("customer of a segment")
        verbose_name_plural = _("customers of segments")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"], name="a_customer_is_in_a_segment_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment}: {self.customer}"
