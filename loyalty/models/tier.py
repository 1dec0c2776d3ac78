"""The ladder of VIP tiers, and where on it each customer stands."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.cleaning import MOST_CENTS
from loyalty.models.customer import Customer
from loyalty.models.only_row import OnlyRow
from loyalty.models.quick import QuickToRead

MOST_MONTHS = 120


class Metric(models.TextChoices):
    """What takes a customer up the ladder."""

    SPENT = "spent", _("Amount spent, less refunds")
    ORDERS = "orders", _("Number of paid orders")
    POINTS = "points", _("Points earned, on all cards")


class Window(models.TextChoices):
    """Over which time that is counted."""

    ALL = "all", _("All time")
    MONTHS = "months", _("The last months")
    YEAR = "year", _("The calendar year")


class Climb(models.TextChoices):
    JUMP = "jump", _("As high as they have reached")
    STEP = "step", _("One tier at a time, the next with their next purchase")


class Downgrade(models.TextChoices):
    NONE = "none", _("Never")
    REVIEW = "review", _("At a review")
    AT_ONCE = "at_once", _("As soon as they have too little")


class Drop(models.TextChoices):
    DESERVED = "deserved", _("To the tier they deserve")
    ONE = "one", _("By one tier")


class Review(models.TextChoices):
    MONTHS = "months", _("So many months after they reached their tier")
    YEARLY = "yearly", _("Each year on one day")


class Ladder(OnlyRow):
    """The rules of the business's tiers. Without tiers nothing is counted."""

    metric = models.CharField(_("counts"), max_length=6, choices=Metric, default=Metric.SPENT)
    window = models.CharField(_("over"), max_length=6, choices=Window, default=Window.ALL)
    window_months = models.PositiveSmallIntegerField(
        _("how many months"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
        help_text=_("Where the last months are counted."),
    )
    climb = models.CharField(_("rise"), max_length=4, choices=Climb, default=Climb.JUMP)
    downgrade = models.CharField(
        _("may lose a tier"), max_length=7, choices=Downgrade, default=Downgrade.NONE
    )
    drop = models.CharField(_("and fall"), max_length=8, choices=Drop, default=Drop.DESERVED)
    review = models.CharField(_("review"), max_length=6, choices=Review, default=Review.MONTHS)
    review_months = models.PositiveSmallIntegerField(
        _("after how many months"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )
    review_month = models.PositiveSmallIntegerField(
        _("in the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("1 is January."),
    )
    review_day = models.PositiveSmallIntegerField(
        _("on the day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"),
        default=0,
        validators=[MaxValueValidator(366)],
        help_text=_("What they buy in these days after a review's day still counts for it."),
    )
    refund_drops = models.BooleanField(
        _("a refund may take a tier at once"),
        default=True,
        help_text=_("If what is left was never enough for it. Otherwise the review decides."),
    )
    close_percent = models.PositiveSmallIntegerField(
        _("close to the next tier: percent missing"),
        default=20,
        validators=[MaxValueValidator(99)],
        help_text=_("At most so much of the way from tier to tier; 0: not by percent."),
    )
    close_amount = models.PositiveBigIntegerField(
        _("or at most"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_CENTS)],
        help_text=_("Empty: not by amount."),
    )
    risk_days = models.PositiveSmallIntegerField(
        _("warn before a review: days"),
        default=30,
        validators=[MaxValueValidator(366)],
        help_text=_("Whoever would lose their tier as things stand; 0: nobody."),
    )

    class Meta:
        verbose_name = _("ladder of tiers")
        verbose_name_plural = _("tiers")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_only_one_ladder")]

    def __str__(self) -> str:
        return str(_("Tiers"))


class Tier(models.Model):
    """One VIP level. Its threshold says its place: the lowest is level 1; whoever has nothing yet
    has the tier of threshold 0, if there is one."""

    ladder = models.ForeignKey(Ladder, models.CASCADE, default=1, related_name="tiers")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    threshold = models.PositiveBigIntegerField(
        _("from"),
        validators=[MaxValueValidator(MOST_CENTS)],
        help_text=_("0: everybody."),
    )
    benefits = models.TextField(_("benefits"), blank=True, help_text=_("One a line."))
    color = models.CharField(
        _("color"),
        max_length=7,
        default="#b45309",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A color such as #b45309."))],
    )

    class Meta:
        ordering = ["threshold"]
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.UniqueConstraint(fields=["threshold"], name="tiers_have_different_thresholds")
        ]

    def __str__(self) -> str:
        return self.name


class Standing(QuickToRead):
    """Where a customer stands on the ladder. Written by `loyalty.tiers` alone, under the lock of
    the customer's row. Who has no row has no tier, and never had one.
    """

    customer = models.OneToOneField(
        Customer, models.PROTECT, primary_key=True, related_name="standing"
    )
    tier = models.ForeignKey(
        Tier,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="standings",
        verbose_name=_("tier"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    locked_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    next_review_at = models.DateTimeField(_("next review"), null=True, blank=True)
    counts_from = models.DateTimeField(
        null=True, blank=True, help_text=_("From when the next review counts; empty: from ever.")
    )
    moved_with = models.BigIntegerField(
        null=True, blank=True, help_text=_("What was counted when they last rose or fell.")
    )
    close_to = models.ForeignKey(
        Tier, models.SET_NULL, null=True, blank=True, related_name="told_close", db_index=False
    )
    close_told_at = models.DateTimeField(null=True, blank=True)
    risk_told_for = models.DateTimeField(null=True, blank=True)
    told = models.PositiveIntegerField(
        default=0, help_text=_("How many facts of this customer's tier were ever told.")
    )
    reason = models.CharField(_("reason"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("customer's tier")
        verbose_name_plural = _("customers' tiers")
        indexes = [
            models.Index(
                fields=["next_review_at"],
                condition=Q(next_review_at__isnull=False),
                name="standing_by_review",
            )
        ]

    def __str__(self) -> str:
        return str(self.customer)


class LadderSweep(models.Model):
    """How far we came through the events and the customers; there while there are tiers.

    Events are looked at as they come, and once more a little later: on PostgreSQL one with a
    smaller number may be committed after one with a larger. Written by `loyalty.tiers` alone.
    """

    heard_to = models.BigIntegerField(default=0)
    heard_again_to = models.BigIntegerField(default=0)
    # Of the customers: how far the sweep that is under way came (None: none is), when the next is.
    swept_to = models.BigIntegerField(null=True)
    is_quiet = models.BooleanField(default=False)
    sweeps_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sweep of the ladder")
        verbose_name_plural = _("sweeps of the ladder")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_only_one_sweep")]

    def __str__(self) -> str:
        return str(self.heard_to)
