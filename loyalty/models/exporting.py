"""A file of customers, cards or operations on its way out. `loyalty.exports` writes it.

What is in it is personal: it is gone some days after it was asked for, and at once where somebody
in it is forgotten.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    """`running` goes on by itself; a `finished` one has a file, the others have none."""

    RUNNING = "running", _("Being written")
    FINISHED = "finished", _("Ready")
    FAILED = "failed", _("Failed")
    DELETED = "deleted", _("Deleted")


class Export(models.Model):
    """`cursor` is how many of its parts are written; it moves in the transaction that writes one.
    A spreadsheet is put together from them when all are: `assembled` of its lines are in it, at the
    moment `seen_at`, after so many `tries`. `size` is how many bytes are written."""

    table = models.CharField(_("what"), max_length=12)
    format = models.CharField(_("format"), max_length=4)
    actor = models.CharField(_("by"), max_length=120)
    key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=ExportState, default=ExportState.RUNNING
    )
    note = models.CharField(_("note"), max_length=250, blank=True)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    rows = models.PositiveIntegerField(_("lines"), default=0)
    parts = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    assembled = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    expires_at = models.DateTimeField(_("kept until"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["running", "finished"]),
                name="exports_with_a_file",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.table}.{self.format}"

    @property
    def is_at_work(self) -> bool:
        return self.state == ExportState.RUNNING

    @property
    def is_assembling(self) -> bool:
        return self.is_at_work and 0 < self.parts == self.cursor


class ExportPart(models.Model):
    """Some of its customers, JSON `[pk, …]` from `first` to `last`, and once it is written what the
    file says of them, compressed; a spreadsheet that is put together needs it no longer."""

    source = models.ForeignKey(Export, models.CASCADE, related_name="file_parts", db_index=False)
    number = models.PositiveIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    customers = models.TextField()
    data = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of exports")
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="parts_of_an_export_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.number}"


class ExportChunk(models.Model):
    """Some bytes of a spreadsheet that was put together."""

    source = models.ForeignKey(Export, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a spreadsheet")
        verbose_name_plural = _("pieces of spreadsheets")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], name="chunks_of_an_export_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.number}"
