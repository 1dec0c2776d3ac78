from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models import Location, Program


def new_params() -> dict[str, Any]:
    return {}


def new_list() -> list[Any]:
    return []


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
    lets_finish = models.BooleanField(
        default=False, help_text=_("While it is a Draft, those inside walk on to their end.")
    )
    draft_note = models.CharField(
        max_length=250, blank=True, help_text=_("Why a fuse set it back to Draft.")
    )
    most_points_a_day = models.PositiveIntegerField(
        _("points a day"), null=True, blank=True, help_text=_("It gives no more in one day.")
    )
    most_messages_a_day = models.PositiveIntegerField(
        _("messages a day"), null=True, blank=True, help_text=_("It sends no more in one day.")
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
    """One state of an automation's chain. Published, it is frozen: nothing of it changes again.

    `goal` is `{"event", "filter"}`: who is inside when that happens has reached what it was for
    and leaves. `exits` lists more of the same form: reasons to leave that are no success. Events
    let somebody in from `starts_at` until `ends_at`, from those `platforms` and `locations` (none:
    from all). `heard_inside`, written when it is published: the names of all events that may end
    or wake who is inside.
    """

    automation = models.ForeignKey(Automation, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    programs = models.ManyToManyField(
        Program,
        blank=True,
        related_name="automation_versions",
        verbose_name=_("programs"),
        help_text=_("Only cards of these programs start it; none chosen: any card."),
    )
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    platforms = models.JSONField(_("platforms"), default=new_list, blank=True)
    locations = models.ManyToManyField(
        Location, blank=True, related_name="automation_versions", verbose_name=_("locations")
    )
    goal = models.JSONField(_("goal"), null=True, blank=True)
    exits = models.JSONField(_("exit rules"), default=new_list, blank=True)
    heard_inside = models.JSONField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.CharField(
        max_length=120, blank=True, help_text=_("staff:3, api:1; empty where nobody knows.")
    )
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
    ONCE_PER_DAYS = "once_per_days", _("Once in so many days")
    ONCE_PER_KEY = "once_per_key", _("Once for each value of a field")


class IfInside(models.TextChoices):
    IGNORE = "ignore", _("Stays out")
    RESTART = "restart", _("Starts anew")
    PARALLEL = "parallel", _("Walks a second time, side by side")


class Thread(models.Model):
    """A chain of its own inside a version, with its triggers and entry rule.

    Its steps stand in the root lane whose `branch` is the thread's key. `days` belong to
    `once_per_days` (periods of 24 hours), `entry_key` (a field such as `event.data.booking`) to
    `once_per_key`; `cap` is how many may ever enter.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="threads")
    key = models.SlugField(_("key"), max_length=40, default="main")
    name = models.CharField(_("name"), max_length=120, blank=True)
    again = models.CharField(_("may enter"), max_length=13, choices=Again, default=Again.EVERY_TIME)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    entry_key = models.CharField(_("field"), max_length=120, blank=True)
    if_inside = models.CharField(
        _("who is inside already"), max_length=8, choices=IfInside, default=IfInside.IGNORE
    )
    cap = models.PositiveIntegerField(_("entries at most"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
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
