"""Codes at the till: what one is worth now, redeeming it once, giving it back with its order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty import customers, events, ledger
from loyalty.causes import Cause
from loyalty.cleaning import is_storable
from loyalty.coupons.codes import fold
from loyalty.coupons.shape import shape
from loyalty.errors import (
    AlreadyRedeemed,
    AmountRequired,
    CouponExpired,
    CouponUnavailable,
    Invalid,
    KeyReuse,
    LoyaltyError,
    NotFound,
)
from loyalty.models import Campaign, Coupon, CouponUse, Customer, Order
from loyalty.models.coupon import LONGEST_CODE, CouponState, Supply
from loyalty.models.order import OrderStatus
from loyalty.shapes import moment


@dataclass(frozen=True, slots=True)
class Basket:
    """What a code is to be used for. `total_cents` is the order before the coupon, in minor units
    of `currency` (empty: the campaign's); None where it is not known."""

    order_key: str = ""
    total_cents: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a code is worth: `refusal` says why it cannot be redeemed, `off_cents` what it takes off
    an order whose total is known."""

    coupon: Coupon
    off_cents: int | None
    refusal: LoyaltyError | None


@dataclass(frozen=True, slots=True)
class Redemption:
    """What to say of a redemption; `is_replay`: it was said before."""

    body: dict[str, Any]
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """Who redeems, where, and under which key; `fingerprint` tells a replay from another wish."""

    key: str
    fingerprint: str
    actor: str
    cause: Cause
    location_id: int | None = None


def find(code: str) -> Coupon:
    """The code as somebody typed it, its campaign loaded; NotFound where there is none."""
    return _one(Coupon.objects.all(), code)


def check(code: str, basket: Basket, *, customer: Customer | None = None, now: datetime) -> Checked:
    """What the code is worth at this moment; changes nothing. Raises NotFound."""
    coupon = find(code)
    try:
        _require_fit(coupon, basket, customer, now)
    except LoyaltyError as refusal:
        return Checked(coupon, None, refusal)
    return Checked(coupon, _off(coupon.campaign, basket), None)


def redeem(
    code: str, basket: Basket, *, customer: Customer | None = None, wish: Wish, now: datetime
) -> Redemption:
    """Redeem the code, once for its key. Raises NotFound, AlreadyRedeemed, CouponExpired,
    CouponUnavailable, AmountRequired (its campaign has a minimum), Invalid and KeyReuse."""
    if before := _replay(wish):
        return before
    coupon = find(code)
    holder = customer.pk if customer else coupon.customer_id
    try:
        with transaction.atomic():
            customers.lock([holder] if holder else [])
            order = _locked_order(basket.order_key)
            _lock(coupon.campaign)
            coupon = _one(Coupon.objects.select_for_update(no_key=True, of=("self",)), code)
            if before := _replay(wish):  # a twin was faster
                return before
            _require_fit(coupon, basket, customer, now)
            is_kept = order is None or not (coupon.campaign.returns_on_refund and _is_over(order))
            return _use(coupon, basket, holder, wish, now, is_kept=is_kept)
    except IntegrityError:
        if before := _replay(wish):
            return before
        raise


def order_changed(order: Order, *, now: datetime) -> None:
    """Give back what was redeemed for an order that came to nothing, where the campaign says so.
    The order's row is locked. May be repeated."""
    if not _is_over(order):
        return
    uses = CouponUse.objects.filter(
        order_key=order.key, returned_at=None, campaign__returns_on_refund=True
    )
    ids = list(uses.values_list("coupon_id", flat=True))
    if not ids:
        return
    rows = Coupon.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    for coupon in rows:
        given_back = uses.filter(coupon=coupon).update(returned_at=now)
        if given_back and coupon.state == CouponState.REDEEMED:
            coupon.state = CouponState.ISSUED if coupon.issued_at else CouponState.READY
            coupon.redeemed_at = None
            coupon.save(update_fields=["state", "redeemed_at"])


def _is_over(order: Order) -> bool:
    """Whether it came to nothing: cancelled, or refunded in full."""
    is_refunded = 0 < order.total_cents <= order.refunded_cents
    return order.status == OrderStatus.CANCELLED or is_refunded


def _locked_order(key: str) -> Order | None:
    """Held until we are done, so that whoever cancels it sees what was redeemed for it."""
    rows = Order.objects.select_for_update(no_key=True)
    return rows.filter(key=key).first() if key else None


# --- Whether it may be ----------------------------------------------------------------------------


def _require_fit(coupon: Coupon, basket: Basket, customer: Customer | None, now: datetime) -> None:
    _require_valid(coupon, now)
    _require_theirs(coupon, customer)
    _require_basket(coupon.campaign, basket)
    _require_room(coupon, customer)


def _require_valid(coupon: Coupon, now: datetime) -> None:
    campaign = coupon.campaign
    match coupon.state_at(now):
        case "redeemed":
            raise AlreadyRedeemed
        case "expired":
            raise CouponExpired
        case "void":
            raise CouponUnavailable(_("This code was taken back."))
    if not campaign.is_active:
        raise CouponUnavailable(_("The campaign is switched off."))
    if campaign.starts_at is not None and now < campaign.starts_at:
        raise CouponUnavailable(_("This code is not valid yet."))


def _require_theirs(coupon: Coupon, customer: Customer | None) -> None:
    if customer and coupon.customer_id not in (None, customer.pk):
        raise CouponUnavailable(_("This code was given to somebody else."))


def _require_basket(campaign: Campaign, basket: Basket) -> None:
    if basket.currency and basket.currency != campaign.currency:
        said = _("This code is for orders in %s.") % campaign.currency
        raise CouponUnavailable(said)
    if campaign.minimum_cents and basket.total_cents is None:
        raise AmountRequired(_("This code has a minimum: say how much the order is."))
    if basket.total_cents is not None and basket.total_cents < campaign.minimum_cents:
        raise CouponUnavailable(_("The order is too small for this code."))


def _require_room(coupon: Coupon, customer: Customer | None) -> None:
    """The campaign's limits; its row, where it has one in all, and the customer's are locked."""
    campaign = coupon.campaign
    used = CouponUse.objects.filter(campaign=campaign, returned_at=None)
    if campaign.most_in_all is not None and used.count() >= campaign.most_in_all:
        raise CouponUnavailable(_("The campaign has been used as often as it can be."))
    if campaign.most_per_customer is None:
        return
    holder = customer.pk if customer else coupon.customer_id
    if holder is None and campaign.supply == Supply.SHARED:
        raise Invalid({"customer": [_("Say who redeems it: everybody may so many times.")]})
    if holder and used.filter(customer=holder).count() >= campaign.most_per_customer:
        raise CouponUnavailable(_("The customer has had theirs."))


# --- Doing it -------------------------------------------------------------------------------------


def _use(
    coupon: Coupon,
    basket: Basket,
    holder: int | None,
    wish: Wish,
    now: datetime,
    *,
    is_kept: bool,
) -> Redemption:
    """Redeemed for an order that had come to nothing before, the code is given back at once and
    nobody is told: as if the news had come the other way round."""
    campaign, off = coupon.campaign, _off(coupon.campaign, basket)
    is_once = campaign.supply != Supply.SHARED
    if is_once and is_kept:
        coupon.state, coupon.redeemed_at = CouponState.REDEEMED, now
        coupon.save(update_fields=["state", "redeemed_at"])
    said = {
        "at": moment(now),
        "order_key": basket.order_key,
        "total_cents": basket.total_cents,
        "off_cents": off,
    }
    body = {"coupon": shape(coupon, now), "redemption": said}
    row = CouponUse(
        coupon=coupon, campaign=campaign, customer_id=holder, key=wish.key,
        fingerprint=wish.fingerprint, is_once=is_once, order_key=basket.order_key,
        total_cents=basket.total_cents, off_cents=off, actor=wish.actor,
        location_id=wish.location_id, answer=body, at=now, returned_at=None if is_kept else now,
    )  # fmt: skip
    row.save(force_insert=True)
    if holder is not None and is_kept:
        events.emit(
            events.CouponCodeRedeemed(campaign.slug, basket.order_key, off or 0),
            key=f"coupon:{row.pk}:redeemed",
            customer_id=holder,
            location_id=wish.location_id,
            cause=wish.cause,
            now=now,
        )
    return Redemption(body)


def _replay(wish: Wish) -> Redemption | None:
    """The very answer given to that key before; KeyReuse where it was another wish's."""
    row = CouponUse.objects.filter(key=wish.key).first()
    if row is None:
        ledger.find_posted(wish.key, wish.fingerprint)
        return None
    if row.fingerprint != wish.fingerprint:
        raise KeyReuse
    return Redemption(row.answer or {}, is_replay=True)


def _lock(campaign: Campaign) -> None:
    """One redemption at a time, where the campaign has a limit in all."""
    if campaign.most_in_all is not None:
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def _one(rows: Any, code: str) -> Coupon:
    folded = fold(code)
    if not folded or not is_storable(folded) or len(folded) > LONGEST_CODE * 2:
        raise NotFound
    coupon: Coupon | None = rows.select_related("campaign").filter(folded=folded).first()
    if coupon is None:
        raise NotFound
    return coupon


def _off(campaign: Campaign, basket: Basket) -> int | None:
    return None if basket.total_cents is None else campaign.off(basket.total_cents)
