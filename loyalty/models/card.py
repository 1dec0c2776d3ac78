from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.customer import Customer
from loyalty.models.plan import Plan
from loyalty.models.program import Program
from loyalty.models.quick import QuickToRead


class CardStatus(models.TextChoices):
    """What staff decided; `expired` is not among them, time decides that."""

    ACTIVE = "active", _("Active")
    BLOCKED = "blocked", _("Blocked")
    DELETED = "deleted", _("Deleted")


class ReferralStage(models.IntegerChoices):
    """What is awaited of a newcomer who was brought by a friend."""

    NONE = 0, _("Nothing")
    NEW = 1, _("That they install the card, or come")
    INSTALLED = 2, _("That they come")


class CardQuerySet(models.QuerySet["Card"]):
    def active(self) -> "CardQuerySet":
        """Cards that exist for the outside: neither blocked nor deleted (expired ones included)."""
        return self.filter(status=CardStatus.ACTIVE)

    def closed_into(self, card: "Card") -> "CardQuerySet":
        """Those whose place that card took when customers were merged; their uses are its own."""
        return self.filter(customer=card.customer_id, merged_into=card)


class Card(QuickToRead):
    """A customer's card of a program; what it holds is in its accounts. Written by `loyalty.cards`.

    `serial` names it in addresses, `code` is the text of its QR (192 random bits), `number` is
    what staff type (53 random bits and a Luhn check digit).
    """

    serial = models.CharField(_("serial"), max_length=32, unique=True)
    code = models.CharField(_("QR code"), max_length=64, unique=True)
    number = models.CharField(_("number"), max_length=24, unique=True)
    program = models.ForeignKey(Program, models.PROTECT, related_name="cards")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cards")
    status = models.CharField(
        _("status"), max_length=8, choices=CardStatus, default=CardStatus.ACTIVE
    )
    plan = models.ForeignKey(
        Plan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cards",
        verbose_name=_("plan"),
        db_index=False,
    )
    is_one_of_many = models.BooleanField(
        default=False, help_text=_("Its customer may have several cards of this program.")
    )
    is_installed = models.BooleanField(_("installed"), default=False)
    remainder_cents = models.PositiveIntegerField(
        _("spend remainder"),
        default=0,
        help_text=_("Spent but not yet enough for the next stamp."),
    )
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    period_ends_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("The end that a membership's period gave; staff may set another."),
    )
    is_told_expired = models.BooleanField(
        default=False, help_text=_("Its end was told; another end is told anew.")
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="closed",
        db_index=False,
        help_text=_("The card that took its place when its customer was merged."),
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    referral_stage = models.PositiveSmallIntegerField(
        choices=ReferralStage,
        default=ReferralStage.NONE,
        help_text=_("So that nobody at the till asks for referrals where there are none."),
    )

    objects = CardQuerySet.as_manager()

    # Whether something of it is held, where that was read along with it; None: nobody looked.
    has_claims: bool | None = None

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        permissions = [("adjust_balance", _("May give, take and undo by hand"))]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "program"],
                condition=Q(status="active", is_one_of_many=False),
                name="one_active_card_per_customer_and_program",
            )
        ]
        indexes = [
            models.Index(fields=["-issued_at"], name="card_by_issue"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="active", is_told_expired=False, expires_at__isnull=False),
                name="card_by_end",
            ),
            models.Index(
                fields=["id"],
                condition=Q(referral_stage=1, is_installed=True),
                name="card_installed_by_a_newcomer",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def state(self, now: datetime) -> str:
        """`active`, `expired`, `blocked` or `deleted`, as the API says it."""
        if self.status == CardStatus.ACTIVE and self.is_expired(now):
            return "expired"
        return str(self.status)
