"""A file of customers, cards and balances on its way into the house. `loyalty.imports` writes it.

What the file holds is personal: its bytes are gone once it is read, its rows once it is done.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.program import Program


class ImportState(models.TextChoices):
    """`uploaded`, `checking` and `running` go on by themselves; the rest waits, or is over."""

    UPLOADED = "uploaded", _("Being read")
    READ = "read", _("Waits for you")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class Existing(models.TextChoices):
    """What becomes of customers who are here already. Empty cells never erase anything."""

    KEEP = "keep", _("Leave them as they are")
    FILL = "fill", _("Fill in what is missing")
    REPLACE = "replace", _("Take what the file says")


class Balances(models.TextChoices):
    """To which cards the file's balances are given."""

    NEW = "new", _("Only to cards that this import issues")
    ADD = "add", _("Also add them to cards that are there, once for each line of this file")


def nothing_known() -> dict[str, Any]:
    return {}


def no_headers() -> list[str]:
    return []


class Import(models.Model):
    """`cursor` is how many of its parts are done; it moves in the transaction that does them.
    `layout` says what each column means, and how its dates and numbers are written."""

    name = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("format"), max_length=4, default="csv")
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    actor = models.CharField(_("by"), max_length=120)
    state = models.CharField(
        _("state"), max_length=9, choices=ImportState, default=ImportState.UPLOADED
    )
    note = models.CharField(_("note"), max_length=250, blank=True)
    headers = models.JSONField(default=no_headers)
    shape = models.CharField(max_length=64, blank=True)
    layout = models.JSONField(default=nothing_known)
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="imports",
        verbose_name=_("cards of"),
        help_text=_("Everybody in the file has a card of it. Empty: nobody gets one."),
    )
    existing = models.CharField(
        _("customers who are here already"), max_length=7, choices=Existing, default=Existing.FILL
    )
    balances = models.CharField(_("balances"), max_length=3, choices=Balances, default=Balances.NEW)
    trigger = models.CharField(
        _("tell automations"),
        max_length=80,
        blank=True,
        help_text=_("The name of an event that everybody in the file gets. Empty: none starts."),
    )
    proof = models.CharField(
        _("proof of consent"),
        max_length=120,
        blank=True,
        help_text=_("Where and when they said yes. Without it nobody has said yes to anything."),
    )
    # Start it as soon as it is read, or check it: nobody looks at it first.
    goes_on_to = models.CharField(max_length=9, blank=True)
    parts = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    made = models.PositiveIntegerField(_("new customers"), default=0)
    changed = models.PositiveIntegerField(_("changed customers"), default=0)
    known = models.PositiveIntegerField(_("known customers"), default=0)
    refused = models.PositiveIntegerField(_("lines refused"), default=0)
    cards_issued = models.PositiveIntegerField(_("cards issued"), default=0)
    balances_given = models.PositiveIntegerField(_("balances given"), default=0)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(
                fields=["changed_at"],
                condition=~Q(state__in=["finished", "cancelled", "failed"]),
                name="imports_not_over",
            ),
            models.Index(fields=["shape", "-id"], name="import_by_shape"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_at_work(self) -> bool:
        return self.state in {ImportState.UPLOADED, ImportState.CHECKING, ImportState.RUNNING}

    @property
    def is_over(self) -> bool:
        return self.state in {ImportState.FINISHED, ImportState.CANCELLED, ImportState.FAILED}

    @property
    def percent(self) -> int:
        """How far the running or the check has come."""
        return 100 * self.done // self.lines if self.lines else 0


class ImportChunk(models.Model):
    """Some bytes of the file, until it is read."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="file_chunks", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("bytes of a file")
        verbose_name_plural = _("bytes of files")
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="bytes_of_a_file_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.number}"


class ImportPart(models.Model):
    """Some lines of the file, done in one transaction: JSON `[[line, [cell, …]], …]`."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="file_parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.TextField()

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="parts_of_a_file_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.number}"


class ImportProblem(models.Model):
    """Why one line could not be taken, in words; it does not repeat what the line says."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="line_problems", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    text = models.CharField(_("problem"), max_length=500)

    class Meta:
        ordering = ["line"]
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        constraints = [
            models.UniqueConstraint(fields=["source", "line"], name="one_outcome_for_each_line")
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.text}"
