from collections.abc import Callable, Mapping
from datetime import datetime

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty import zones
from loyalty.errors import IllegalOperation, InsufficientBalance, Invalid
from loyalty.figures import Figure
from loyalty.models.card import Card
from loyalty.models.mechanics import Mechanics
from loyalty.models.operation import Entry
from loyalty.models.plan import Plan
from loyalty.models.program import Program
from loyalty.postings import Change, Held, Kind, Posting

LONGEST_TRIAL = 30  # days


class MembershipProgram(Program):
    """A card that is valid while its plan is paid for.

    A plan with a limit gives so many visits for each period, which are redeemed one by one; what is
    left at its end is over. A plan without one only counts the visits of the period. A card ends
    with its period (`Card.expires_at`); renewing or changing the plan starts a new one now.
    """

    type = "membership"
    label = gettext_lazy("Membership")
    about = gettext_lazy(
        "Valid while its plan is paid for, with visits for each period or without a limit."
    )
    wallet_style = "generic"
    units = {"visits": gettext_lazy("visits")}
    earns = "visits"
    spends = "visits"
    legal = {
        Kind.ACCRUE: ("visits",),
        Kind.REDEEM: ("visits",),
        Kind.RENEW: ("visits",),
        Kind.EXPIRE: ("visits",),
    }
    redeems = 1
    is_for_kiosks = True
    has_happy_hours = False
    mechanics_offered = (Mechanics.VISIT,)
    settings = ("currency",)
    lives = ()
    has_plans = True

    trial_days = models.PositiveSmallIntegerField(
        gettext_lazy("trial in days"),
        default=0,
        validators=[MaxValueValidator(LONGEST_TRIAL)],
        help_text=gettext_lazy("How long a new card is valid before it is paid; 0: a period."),
    )
    renews_by_itself = models.BooleanField(
        gettext_lazy("renews by itself"),
        default=False,
        help_text=gettext_lazy("At the end of each period another one begins, paid or not."),
    )

    class Meta:
        verbose_name = gettext_lazy("membership")
        verbose_name_plural = gettext_lazy("memberships")

    def begin(self, card: Card, opening: int | None, now: datetime, zone: str) -> int:
        """On the lowest level's recommended plan: for its trial, else for a period."""
        self.opening(opening)
        plan = self.plans.filter(is_active=True).first()
        if plan is None:
            raise Invalid({"program": [_("This membership has no plan yet.")]})
        trial = zones.later(now, self.trial_days, 0, zone) if self.trial_days else None
        card.plan, card.expires_at = plan, trial or plan.ends(now, zone)
        card.period_ends_at = card.expires_at
        return plan.visits or 0

    def take_over(self, card: Card, plan: Plan, left: int | None, now: datetime, zone: str) -> int:
        """On that plan, for a period from now; without a limit `left` is how many were made."""
        card.plan, card.expires_at = plan, plan.ends(now, zone)
        card.period_ends_at = card.expires_at
        return plan.visits or 0 if left is None else left

    @property
    def may_be_joined(self) -> bool:
        """Where there is a trial, or the first plan costs nothing."""
        first = self.plans.filter(is_active=True).first()
        return first is not None and (self.trial_days > 0 or first.price_cents == 0)

    def can(self, held: Mapping[str, Held], card: Card) -> tuple[str, ...]:
        return ("accrue",) if _is_unlimited(card) else ("redeem",)

    def still_means(
        self, done_at: datetime, card: Card, now: datetime, zone: Callable[[], str]
    ) -> bool:
        """Visits of another period, or of another plan, are over whatever becomes of them."""
        if card.plan is None or card.period_ends_at is None:
            return True
        return done_at >= card.plan.began(card.period_ends_at, now, zone())

    def require_legal(
        self, posting: Posting, card: Card, now: datetime, zone: Callable[[], str]
    ) -> None:
        super().require_legal(posting, card, now, zone)
        if posting.kind == Kind.ACCRUE and not _is_unlimited(card):
            raise IllegalOperation(_("Visits of this plan are redeemed; a renewal gives new ones."))
        if posting.kind == Kind.REDEEM and _is_unlimited(card):
            raise IllegalOperation(_("This plan has no limit: count the visit instead."))
        if posting.kind == Kind.REDEEM and not _has_left_there(posting, card, now, zone):
            raise InsufficientBalance(_("All visits of this plan at this location were made."))

    def lot_ends(
        self, unit: str, card: Card, now: datetime, zone: Callable[[], str]
    ) -> datetime | None:
        return card.expires_at

    def figures(self, held: Mapping[str, Held], card: Card) -> list[Figure]:
        label = _("Visits") if _is_unlimited(card) else _("Visits left")
        shown = [Figure("visits", label, held["visits"].balance)]
        return [Figure("plan", _("Plan"), card.plan.name), *shown] if card.plan else shown

    def entries(self, posting: Posting, held: Mapping[str, Held], card: Card) -> list[Change]:
        match posting.kind:
            case Kind.REDEEM | Kind.EXPIRE:
                return [Change("visits", -posting.amount, posting.kind)]
        return [Change("visits", posting.amount, posting.kind)] if posting.amount else []


def _is_unlimited(card: Card) -> bool:
    return card.plan is None or card.plan.visits is None


def _has_left_there(posting: Posting, card: Card, now: datetime, zone: Callable[[], str]) -> bool:
    """Whether the plan's share of visits at that location is not used up in this period."""
    plan = card.plan
    if plan is None or plan.visits_per_location is None or posting.location_id is None:
        return True
    both = [card.pk, *Card.objects.closed_into(card).values_list("pk", flat=True)]
    made = Entry.objects.filter(
        operation__card__in=both,
        operation__at__gte=plan.began(card.period_ends_at or now, now, zone()),
        operation__location=posting.location_id,
        operation__reversed_by=None,
        kind=Kind.REDEEM,
    )
    total = int(made.aggregate(n=Sum("amount", default=0))["n"])
    return posting.amount - total <= plan.visits_per_location
