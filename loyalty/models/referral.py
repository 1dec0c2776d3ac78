from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.customer import Customer
from loyalty.models.operation import Operation
from loyalty.models.order import Order
from loyalty.models.program import Program
from loyalty.postings import Kind

MOST_GIVEN = 1_000_000


class Rewarded(models.TextChoices):
    """Who gets something when one customer brings another."""

    BOTH = "both", _("Both")
    REFERRER = "referrer", _("Who brought them")
    REFERRED = "referred", _("The newcomer")


class Occasion(models.TextChoices):
    """What a newcomer must have done until it counts."""

    JOIN = "join", _("They joined")
    INSTALL = "install", _("They have the card on their phone")
    USE = "use", _("They came or bought for the first time")


class ReferralOffer(models.Model):
    """What a program gives for bringing somebody; switched off, its links bring nobody.

    `gives` is the program whose cards get it (empty: the program itself), `unit` what they get
    (empty: what that program earns). Amounts are in that unit.
    """

    program = models.OneToOneField(
        Program, models.CASCADE, related_name="referral_offer", verbose_name=_("program")
    )
    is_active = models.BooleanField(_("active"), default=True)
    rewarded = models.CharField(
        _("who is rewarded"), max_length=8, choices=Rewarded, default=Rewarded.BOTH
    )
    occasion = models.CharField(
        _("it counts when"), max_length=7, choices=Occasion, default=Occasion.USE
    )
    minimum_cents = models.PositiveBigIntegerField(
        _("first purchase of at least"),
        default=0,
        help_text=_("0: a visit or any purchase is enough."),
    )
    gives = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="given_by_referrals",
        verbose_name=_("on cards of"),
        help_text=_("Empty: of the same program."),
    )
    unit = models.CharField(
        _("unit"),
        max_length=12,
        blank=True,
        help_text=_("Such as stamps or points. Empty: what that program earns."),
    )
    referrer_amount = models.PositiveIntegerField(
        _("who brought them gets"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_GIVEN)],
    )
    referred_amount = models.PositiveIntegerField(
        _("the newcomer gets"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_GIVEN)],
    )
    window_days = models.PositiveSmallIntegerField(
        _("taken back on refunds within"),
        default=30,
        validators=[MaxValueValidator(3_650)],
        help_text=_("Days; both lose their reward when the purchase is refunded until then."),
    )
    most_per_month = models.PositiveIntegerField(
        _("rewards for one customer in a month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For those who bring others; empty: no limit."),
    )

    class Meta:
        ordering = ["program__name"]
        verbose_name = _("referral offer")
        verbose_name_plural = _("referral offers")

    def __str__(self) -> str:
        return str(self.program)

    @property
    def where(self) -> Program:
        """The program whose cards get it."""
        return self.gives or self.program

    @property
    def what(self) -> str:
        """The unit they get."""
        return self.unit or self.where.earns

    def clean(self) -> None:
        if self.program_id is None:
            return
        given = self.where.get_real_instance().legal.get(Kind.ACCRUE, ())
        if (self.unit or self.where.get_real_instance().earns) not in given:
            known = ", ".join(given) or "–"
            said = _now("Cards of %(program)s are given %(units)s.")
            raise ValidationError({"unit": said % {"program": self.where, "units": known}})


class ReferralState(models.TextChoices):
    """How far it has come; whoever is refused or reversed stays so."""

    INVITED = "invited", _("Has joined")
    INSTALLED = "installed", _("Has the card on the phone")
    QUALIFIED = "qualified", _("Counts")
    REWARDED = "rewarded", _("Rewarded")
    REVERSED = "reversed", _("Taken back")
    REFUSED = "refused", _("Refused")


class Refusal(models.TextChoices):
    """Why somebody does not count."""

    SELF = "self", _("It is the same person.")
    NOT_NEW = "not_new", _("They were a customer already.")
    SAME_DEVICE = "same_device", _("The same device has been used.")
    CAP = "cap", _("Who brought them has had all rewards of this month.")


class ToDo(models.TextChoices):
    """What the calendar is still to do."""

    NOTHING = "", _("Nothing")
    REWARD = "reward", _("Reward")
    REVERSE = "reverse", _("Take back")


class Referral(models.Model):
    """One customer brought another; written by `loyalty.referrals`.

    `card` is the referrer's, `order` or `operation` what made it count. A customer is brought once
    at most. `device` is a hash of the newcomer's.
    """

    OPEN: ClassVar[tuple[str, ...]] = (ReferralState.INVITED.value, ReferralState.INSTALLED.value)
    COUNTING: ClassVar[tuple[str, ...]] = (
        ReferralState.QUALIFIED.value,
        ReferralState.REWARDED.value,
    )

    card = models.ForeignKey(
        Card, models.PROTECT, related_name="referrals", verbose_name=_("card of who brought them")
    )
    referrer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="referrals_made",
        verbose_name=_("who brought them"),
        db_index=False,
    )
    referred = models.OneToOneField(
        Customer, models.PROTECT, related_name="referral", verbose_name=_("newcomer")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=ReferralState, default=ReferralState.INVITED
    )
    reason = models.CharField(_("reason"), max_length=11, choices=Refusal, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    device = models.CharField(max_length=64, blank=True)
    to_do = models.CharField(max_length=7, choices=ToDo, blank=True, default=ToDo.NOTHING)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, null=True, blank=True, related_name="referrals_qualified"
    )
    referrer_operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="referrals_of_referrer",
        db_index=False,
    )
    referred_operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="referrals_of_newcomer",
        db_index=False,
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    installed_at = models.DateTimeField(_("installed"), null=True, blank=True)
    qualified_at = models.DateTimeField(_("counts since"), null=True, blank=True)
    watched_until = models.DateTimeField(
        _("taken back until"), null=True, blank=True, help_text=_("When the order is refunded.")
    )
    rewarded_at = models.DateTimeField(_("rewarded"), null=True, blank=True)
    reversed_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        indexes = [
            models.Index(fields=["id"], condition=~Q(to_do=""), name="referrals_to_settle"),
            models.Index(fields=["referrer", "rewarded_at"], name="referrals_by_referrer"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ReferralShare(models.Model):
    """A device from which a customer has shared their card's link, as a hash."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="shares")
    device = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        constraints = [
            models.UniqueConstraint(fields=["card", "device"], name="a_device_is_noted_once")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
