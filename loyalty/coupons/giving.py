"""Codes given to customers: one for each wish, whose key names its cause."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty import bulk, customers, zones
from loyalty.coupons.codes import fold, is_fit, length_for
from loyalty.coupons.making import drawn, insert
from loyalty.errors import (
    CampaignExhausted,
    CouponUnavailable,
    Invalid,
    KeyReuse,
    LoyaltyError,
    NotFound,
)
from loyalty.models import Business, Campaign, Coupon, Customer
from loyalty.models.coupon import CouponState, Supply

GIVEN = ("customer", "state", "issue_key", "issued_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Want:
    """One code for one customer; the same key gives the same code."""

    customer_id: int
    key: str


def issue(campaign: Campaign, customer: Customer, *, key: str, now: datetime) -> Coupon:
    """Give the customer a code. May be repeated: the same key gives the same code.

    Raises CampaignExhausted (the pool is empty), CouponUnavailable (over, not begun, switched off,
    or the customer has had theirs), KeyReuse and NotFound (erased).
    """
    with _one_key(), transaction.atomic():
        if not customers.lock([customer.pk]):
            raise NotFound
        (given,) = issue_many(campaign, [Want(customer.pk, key)], now=now)
    if isinstance(given, LoyaltyError):
        raise given
    return given


def issue_many(
    campaign: Campaign, wants: Sequence[Want], *, now: datetime
) -> list[Coupon | LoyaltyError]:
    """The same for many customers, whose rows are locked; a code or the refusal for each, in order.

    Takes no lock that another of its kind could wait for: a code of the pool that somebody else is
    taking at this moment is passed over.
    """
    if why := _closed(campaign, now):
        return [CouponUnavailable(why) for _want in wants]
    if campaign.supply == Supply.SHARED:
        shared = campaign.coupons.filter(state=CouponState.ISSUED).first()
        return [shared or CampaignExhausted() for _want in wants]
    with transaction.atomic(savepoint=False):
        hand = _Hand(campaign, wants, now)
    return [hand.answers[want] for want in wants]


def share(campaign: Campaign, code: str, *, now: datetime) -> Coupon:
    """Set the code that everybody has; another one before it is void. May be repeated.

    Raises Invalid for a code that cannot be typed, or that another campaign has.
    """
    code = code.strip()
    if campaign.supply != Supply.SHARED:
        raise Invalid({"code": [_("This campaign has no code for everybody.")]})
    if not is_fit(code):
        raise Invalid({"code": [_("This cannot be a code.")]})
    with transaction.atomic():
        mine = campaign.coupons.select_for_update(no_key=True).order_by("pk")
        row = next((each for each in mine if each.folded == fold(code)), None)
        row = row or Coupon(campaign=campaign, folded=fold(code), made_at=now)
        row.code, row.state, row.issued_at = code, CouponState.ISSUED, now
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Invalid({"code": [_("Another campaign has this code.")]}) from None
        Coupon.objects.filter(campaign=campaign).exclude(pk=row.pk).update(state=CouponState.VOID)
    return row


@contextmanager
def _one_key() -> Iterator[None]:
    """The same key at the same moment for somebody else."""
    try:
        yield
    except IntegrityError as error:
        raise KeyReuse from error


def _closed(campaign: Campaign, now: datetime) -> str:
    """Why it gives no codes now; empty where it does."""
    if not campaign.is_active:
        return _("The campaign is switched off.")
    if campaign.ends_at is not None and campaign.ends_at <= now:
        return _("The campaign is over.")
    return ""


class _Hand:
    """Gives what is wanted: what the keys were given before, else codes of the pool or new ones."""

    def __init__(self, campaign: Campaign, wants: Sequence[Want], now: datetime) -> None:
        self.campaign = campaign
        self.now = now
        self.answers: dict[Want, Coupon | LoyaltyError] = {}
        self._answer_known(wants)
        fresh = [want for want in dict.fromkeys(wants) if want not in self.answers]
        self._give(self._within_limit(fresh))

    def _answer_known(self, wants: Sequence[Want]) -> None:
        by_key = {want.key: want for want in wants}
        for coupon in Coupon.objects.filter(issue_key__in=list(by_key)):
            want = by_key[coupon.issue_key or ""]
            mine = (self.campaign.pk, want.customer_id)
            is_same = (coupon.campaign_id, coupon.customer_id) == mine
            coupon.campaign = self.campaign if is_same else coupon.campaign
            self.answers[want] = coupon if is_same else KeyReuse()

    def _within_limit(self, wants: list[Want]) -> list[Want]:
        most = self.campaign.most_per_customer
        if most is None or not wants:
            return wants
        theirs = {want.customer_id for want in wants}
        rows = self.campaign.coupons.filter(customer__in=theirs).exclude(state=CouponState.VOID)
        had = Counter(rows.values_list("customer_id", flat=True))
        let = []
        for want in wants:
            had[want.customer_id] += 1
            if had[want.customer_id] <= most:
                let.append(want)
            else:
                self.answers[want] = CouponUnavailable(_("The customer has had theirs."))
        return let

    def _give(self, wants: list[Want]) -> None:
        if not wants:
            return
        if self.campaign.supply == Supply.GENERATED:
            self._make(wants)
            return
        ready = self.campaign.coupons.filter(state=CouponState.READY).order_by("pk")
        taken = list(ready.select_for_update(skip_locked=True, no_key=True)[: len(wants)])
        for want, coupon in zip(wants, taken, strict=False):
            self.answers[want] = self._theirs(coupon, want)
        bulk.update(Coupon, taken, GIVEN)
        for want in wants[len(taken) :]:
            self.answers[want] = CampaignExhausted()

    def _make(self, wants: Sequence[Want]) -> None:
        """New codes; where somebody has one of them already, another is drawn."""
        length = length_for(self.campaign.coupons.count() + len(wants))
        left = list(wants)
        while left:
            rows = drawn(self.campaign, len(left), length, self.now)
            for want, row in zip(left, rows, strict=False):
                row.customer_id, row.issue_key = want.customer_id, want.key
                row.state, row.issued_at = CouponState.ISSUED.value, self.now
                row.expires_at = self._ends()
            insert(rows[: len(left)])
            keys = {want.key: want for want in left}
            for coupon in self.campaign.coupons.filter(issue_key__in=list(keys)):
                self.answers[keys[coupon.issue_key or ""]] = coupon
            left = [want for want in left if want not in self.answers]

    def _theirs(self, coupon: Coupon, want: Want) -> Coupon:
        coupon.customer_id, coupon.issue_key = want.customer_id, want.key
        coupon.state, coupon.issued_at = CouponState.ISSUED, self.now
        coupon.expires_at = self._ends()
        return coupon

    def _ends(self) -> datetime | None:
        days = self.campaign.valid_days
        return None if days is None else zones.later(self.now, days, 0, Business.get().time_zone)
