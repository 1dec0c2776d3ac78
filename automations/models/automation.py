from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models import Program


def new_params() -> dict[str, Any]:
    return {}


class Mode(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WORKING = "working", _("Working")


class AutomationQuerySet(models.QuerySet["Automation"]):
    def working(self) -> "AutomationQuerySet":
        return self.filter(mode=Mode.WORKING)


class Automation(models.Model):
    """A chain of steps that customers walk through; what it does stands in its versions.

    `live` is the published version new journeys start on, `draft` the one staff edit. Both may be
    set at once: an edit of a Working automation changes nothing until it is published.
    """

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    label = models.CharField(_("label"), max_length=60, blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.DRAFT)
    live = models.ForeignKey(
        "Version", models.PROTECT, null=True, blank=True, related_name="live_in"
    )
    draft = models.ForeignKey(
        "Version", models.SET_NULL, null=True, blank=True, related_name="draft_of"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("automation")
        verbose_name_plural = _("automations")
        permissions = [("publish_automation", _("May set automations to Working"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(mode="working") | Q(live__isnull=False),
                name="what_works_has_a_published_version",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        return self.mode == Mode.WORKING


class Version(models.Model):
    """One state of an automation's chain. Published, it is frozen: nothing of it changes again."""

    automation = models.ForeignKey(Automation, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    programs = models.ManyToManyField(
        Program,
        blank=True,
        related_name="automation_versions",
        verbose_name=_("programs"),
        help_text=_("Only cards of these programs start it; none chosen: any card."),
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "number"], name="versions_are_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.automation} v{self.number}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class Again(models.TextChoices):
    EVERY_TIME = "every_time", _("Every time")
    ONCE = "once", _("Once per customer")


class Thread(models.Model):
    """A chain of its own inside a version, with its triggers and entry rule.

    Its steps stand in the root lane whose `branch` is the thread's key.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="threads")
    key = models.SlugField(_("key"), max_length=40, default="main")
    name = models.CharField(_("name"), max_length=120, blank=True)
    again = models.CharField(_("may enter"), max_length=12, choices=Again, default=Again.EVERY_TIME)

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="thread_keys_differ")
        ]

    def __str__(self) -> str:
        return self.name or self.key


class Trigger(models.Model):
    """What starts a thread: a type of `automations/triggers`, its parameters, a condition."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="triggers")
    type = models.CharField(_("type"), max_length=40)
    params = models.JSONField(_("parameters"), default=new_params, blank=True)
    filter = models.JSONField(_("only if"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __str__(self) -> str:
        return self.type
