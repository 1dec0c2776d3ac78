from datetime import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer
from loyalty.models.location import Location
from loyalty.models.quick import QuickToRead
from loyalty.money import IS_CURRENCY

LONGEST_CODE = 40


class CouponKind(models.TextChoices):
    """What a code is worth."""

    PERCENT = "percent", _("Percent off")
    FIXED = "fixed", _("Amount off")
    GIFT = "gift", _("Gift")
    TEXT = "text", _("Something else")


class Supply(models.TextChoices):
    """Where the codes of a campaign come from."""

    GENERATED = "generated", _("One for each customer, made when it is given")
    POOL = "pool", _("Made or imported beforehand")
    SHARED = "shared", _("One for everybody")


class Campaign(models.Model):
    """What the codes of one kind are worth, for how long, and how often they are taken.

    The limits count redemptions that were not given back. A code ends `valid_days` after it was
    given to a customer, and with its campaign.
    """

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120, help_text=_("For staff."))
    offer = models.CharField(
        _("offer"), max_length=200, help_text=_("What customers read, such as “Your next coffee”.")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=CouponKind, default=CouponKind.PERCENT)
    percent = models.DecimalField(
        _("percent off"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    value_cents = models.PositiveBigIntegerField(_("amount off"), null=True, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[IS_CURRENCY]
    )
    minimum_cents = models.PositiveBigIntegerField(
        _("minimum order"), default=0, help_text=_("0: none.")
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(
        _("days after it was given"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3_650)],
        help_text=_("Empty: for as long as the campaign runs."),
    )
    supply = models.CharField(_("codes"), max_length=9, choices=Supply, default=Supply.GENERATED)
    prefix = models.CharField(
        _("codes begin with"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^[A-Z0-9-]*$", _("Capital letters, digits and dashes."))],
    )
    most_in_all = models.PositiveIntegerField(
        _("times in all"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    most_per_customer = models.PositiveIntegerField(
        _("times per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Codes given to one customer, and taken from them. Empty: no limit."),
    )
    returns_on_refund = models.BooleanField(
        _("given back"),
        default=True,
        help_text=_("When the order is cancelled or refunded in full, its code counts again."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("coupon campaign")
        verbose_name_plural = _("coupon campaigns")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems = {}
        if self.kind == CouponKind.PERCENT and not self.percent:
            problems["percent"] = _now("Say how many percent.")
        if self.kind == CouponKind.FIXED and not self.value_cents:
            problems["value_cents"] = _now("Say how much.")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            problems["ends_at"] = _now("This is before it begins.")
        if self.supply == Supply.SHARED and self.valid_days is not None:
            problems["valid_days"] = _now("A code for everybody is given to nobody: say until.")
        if problems:
            raise ValidationError(problems)

    def off(self, total_cents: int) -> int:
        """What it takes off an order of that much, in minor units, rounded down."""
        match self.kind:
            case CouponKind.PERCENT if self.percent is not None:
                return total_cents * int(self.percent * 100) // 10_000
            case CouponKind.FIXED if self.value_cents is not None:
                return min(self.value_cents, total_cents)
        return 0


class CouponState(models.TextChoices):
    """What was done with a code; that it is over, time decides."""

    READY = "ready", _("Not given yet")
    ISSUED = "issued", _("Given")
    REDEEMED = "redeemed", _("Redeemed")
    VOID = "void", _("Void")


class CouponQuerySet(models.QuerySet["Coupon"]):
    def over(self, now: datetime) -> "CouponQuerySet":
        """Codes that could be redeemed, had their time not come."""
        ended = Q(expires_at__lte=now) | Q(campaign__ends_at__lte=now)
        return self.filter(ended, state__in=Coupon.OPEN)


class Coupon(QuickToRead):
    """One code; written by `loyalty.coupons`.

    `folded` is the code as it is compared: no case, no spaces. `issue_key` names the wish that it
    was given for. A code for everybody has no customer, and is never redeemed as a whole.
    """

    OPEN: ClassVar[tuple[str, ...]] = (CouponState.READY.value, CouponState.ISSUED.value)

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="coupons", verbose_name=_("campaign")
    )
    code = models.CharField(_("code"), max_length=LONGEST_CODE)
    folded = models.CharField(max_length=LONGEST_CODE * 2, unique=True)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=_("customer"),
    )
    state = models.CharField(
        _("state"), max_length=8, choices=CouponState, default=CouponState.READY
    )
    issue_key = models.CharField(max_length=200, null=True, unique=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    issued_at = models.DateTimeField(_("given"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("redeemed"), null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        indexes = [
            models.Index(
                fields=["campaign", "id"], condition=Q(state="ready"), name="coupons_to_give"
            ),
            models.Index(fields=["campaign", "state"], name="coupons_by_state"),
        ]

    def __str__(self) -> str:
        return self.code

    def ends_at(self) -> datetime | None:
        """From when on it cannot be redeemed; None: never."""
        ends = [each for each in (self.expires_at, self.campaign.ends_at) if each is not None]
        return min(ends, default=None)

    def state_at(self, now: datetime) -> str:
        """`ready`, `issued`, `redeemed`, `void` or `expired`, as the API says it."""
        ends = self.ends_at()
        is_over = self.state in self.OPEN and ends is not None and ends <= now
        return "expired" if is_over else str(self.state)


class CouponUse(models.Model):
    """One redemption of a code; `returned_at` is set when it was given back.

    `key` is unique for ever, `answer` what the API said. `total_cents` is the order before the
    coupon, `off_cents` what it took off.
    """

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="uses", verbose_name=_("coupon code")
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="uses", verbose_name=_("campaign")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="coupon_uses",
        verbose_name=_("customer"),
    )
    key = models.CharField(max_length=250, unique=True)
    fingerprint = models.CharField(max_length=64)
    is_once = models.BooleanField(default=True, help_text=_("Its code is redeemed once only."))
    order_key = models.CharField(_("order"), max_length=150, blank=True)
    total_cents = models.BigIntegerField(_("order total"), null=True, blank=True)
    off_cents = models.BigIntegerField(_("taken off"), null=True, blank=True)
    actor = models.CharField(_("by"), max_length=60, blank=True)
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="coupon_uses",
        verbose_name=_("location"),
        db_index=False,
    )
    answer = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(_("redeemed"), default=timezone.now)
    returned_at = models.DateTimeField(_("given back"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("coupon redemption")
        verbose_name_plural = _("coupon redemptions")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon"],
                condition=Q(is_once=True, returned_at=None),
                name="a_code_is_redeemed_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["order_key"], condition=~Q(order_key=""), name="coupon_uses_by_order"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
