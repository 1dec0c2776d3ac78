"""What we hold of a customer, told to themselves."""

from typing import Any

from django.db.models import Q

from loyalty import clock, coupons, rfm, shapes
from loyalty.customers.matching import IDENTIFIERS
from loyalty.models import (
    Adjustment,
    Card,
    Coupon,
    CouponUse,
    Customer,
    Event,
    Hold,
    Operation,
    Order,
    Pass,
    Placement,
    Present,
    Referral,
    ReferralShare,
    RfmStanding,
    SignIn,
    Standing,
)

CONTACT = (
    *("email", "phone", "external_id", "first_name", "last_name", "language", "time_zone"),
    *("tags", "attributes"),
)


def contact(customer_id: int) -> dict[str, Any]:
    row = Customer.objects.get(pk=customer_id)
    return {name: getattr(row, name) for name in CONTACT} | {
        "id": row.pk,
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "joined": shapes.moment(row.created_at),
        "also_known_as": [
            {"id": each.pk} | {name: getattr(each, name) for name in IDENTIFIERS}
            for each in row.pointers.order_by("pk")
        ],
    }


def consents(customer_id: int) -> list[dict[str, Any]]:
    """Each yes and no, with the words that were shown."""
    rows = Customer.objects.get(pk=customer_id).consent_history.order_by("pk")
    return [
        {
            "channel": row.channel,
            "given": row.is_given,
            "source": row.source,
            "words": row.proof,
            "at": shapes.moment(row.at),
        }
        for row in rows
    ]


def cards(customer_id: int) -> list[dict[str, Any]]:
    """Deleted ones included, for their operations are still there."""
    rows = Card.objects.filter(customer=customer_id).order_by("pk")
    return [
        {
            "program": card.program.slug,
            "serial": card.serial,
            "number": card.number,
            "status": card.status,
            "issued": shapes.moment(card.issued_at),
            "expires": shapes.moment(card.expires_at),
            "holds": {account.unit: account.balance for account in card.accounts.all()},
            "owes": {account.unit: account.debt for account in card.accounts.all() if account.debt},
            "operations": _operations(card),
            "claims": _claims(card),
            "corrections": _corrections(card),
            "in_wallets": _wallets(card),
        }
        for card in rows.prefetch_related("program", "accounts")
    ]


def _operations(card: Card) -> list[dict[str, Any]]:
    rows = Operation.objects.filter(card=card).select_related("note", "location")
    return [
        {
            "kind": row.kind,
            "at": shapes.moment(row.at),
            "location": row.location.name if row.location else None,
            "comment": row.note.comment if hasattr(row, "note") else "",
            "changes": [
                {"unit": entry.account.unit, "amount": entry.amount, "after": entry.balance_after}
                for entry in row.entries.all()
            ],
        }
        for row in rows.prefetch_related("entries__account").order_by("pk")
    ]


def _claims(card: Card) -> list[dict[str, Any]]:
    """What was, or is, kept for them, and what a checkout held."""
    rows = Hold.objects.filter(card=card).select_related("reward").order_by("pk")
    return [
        shapes.claim(row)
        | {
            "state": row.state,
            "since": shapes.moment(row.created_at),
            "settled": shapes.moment(row.settled_at),
        }
        for row in rows
    ]


def _corrections(card: Card) -> list[dict[str, Any]]:
    """What staff wanted to give or take and a second person had to agree to."""
    rows = Adjustment.objects.filter(card=card).order_by("pk")
    return [
        {
            "kind": row.kind,
            "unit": row.unit,
            "amount": row.amount,
            "reason": row.reason,
            "state": row.state,
            "at": shapes.moment(row.asked_at),
        }
        for row in rows
    ]


def _wallets(card: Card) -> list[dict[str, Any]]:
    """The passes that were made of it, and the phones and watches that keep them."""
    rows = Pass.objects.filter(card=card).order_by("pk")
    return [
        {
            "wallet": row.wallet,
            "made": shapes.moment(row.created_at),
            "is_there": row.is_kept,
            "devices": [
                {"name": each.device.library, "since": shapes.moment(each.created_at)}
                for each in row.registrations.order_by("pk")
            ],
        }
        for row in rows.prefetch_related("registrations__device")
    ]


def orders(customer_id: int) -> list[dict[str, Any]]:
    rows = Order.objects.filter(customer=customer_id).order_by("pk")
    return [
        {
            "key": row.key,
            "status": row.status,
            "placed": shapes.moment(row.placed_at),
            "total_cents": row.total_cents,
            "currency": row.currency,
            "lines": row.lines,
        }
        for row in rows
    ]


def events(customer_id: int) -> list[dict[str, Any]]:
    rows = Event.objects.filter(customer=customer_id).order_by("pk")
    return [
        {"name": row.name, "at": shapes.moment(row.occurred_at), "data": row.data} for row in rows
    ]


def coupon_codes(customer_id: int) -> dict[str, Any]:
    """The codes they were given, and those they redeemed, whoever had been given them."""
    given = Coupon.objects.filter(customer=customer_id).select_related("campaign").order_by("pk")
    used = CouponUse.objects.filter(customer=customer_id).select_related("coupon").order_by("pk")
    return {
        "given": [coupons.shape(row, clock.now()) for row in given],
        "redeemed": [
            {
                "code": row.coupon.code,
                "order": row.order_key,
                "off_cents": row.off_cents,
                "at": shapes.moment(row.at),
                "given_back": shapes.moment(row.returned_at),
            }
            for row in used
        ],
    }


def presents(customer_id: int) -> list[dict[str, Any]]:
    """Those they were given, and those on their way to an address of theirs."""
    people = Customer.objects.filter(Q(pk=customer_id) | Q(merged_into=customer_id))
    addresses = [email for email in people.values_list("email", flat=True) if email]
    theirs = Present.objects.filter(Q(card__customer=customer_id) | Q(to_email__in=addresses))
    return [
        {
            "program": row.program.slug,
            "amount_cents": row.amount,
            "currency": row.program.currency,
            "to": row.to_email,
            "name": row.to_name,
            "from": row.giver,
            "message": row.message,
            "state": row.state,
            "deliver": shapes.moment(row.deliver_at),
            "delivered": shapes.moment(row.delivered_at),
        }
        for row in theirs.order_by("pk").prefetch_related("program")
    ]


def friends(customer_id: int) -> dict[str, Any]:
    """Whom they brought, and that somebody brought them: nobody else is named."""
    made = Referral.objects.filter(referrer=customer_id).order_by("pk")
    mine = Referral.objects.filter(referred=customer_id).first()
    shares = ReferralShare.objects.filter(card__customer=customer_id).order_by("pk")
    return {
        "brought": [_referral(row) for row in made],
        "was_brought": _referral(mine) if mine else None,
        "shared_the_link": [shapes.moment(row.at) for row in shares],
    }


def _referral(row: Referral) -> dict[str, Any]:
    return {
        "joined": shapes.moment(row.joined_at),
        "state": row.state,
        "reason": row.reason,
        "rewarded": shapes.moment(row.rewarded_at),
        "taken_back": shapes.moment(row.reversed_at),
    }


def groups(customer_id: int) -> dict[str, Any]:
    """Where the shop sees them: their tier, their segments, their place in RFM."""
    placed = Placement.objects.filter(customer=customer_id).select_related("segment").order_by("pk")
    return {
        "tier": _tier(customer_id),
        "segments": [
            {"name": row.segment.name, "since": shapes.moment(row.since)} for row in placed
        ],
        "rfm": _rfm(customer_id),
    }


def _tier(customer_id: int) -> dict[str, Any] | None:
    row = Standing.objects.filter(pk=customer_id).select_related("tier").first()
    if row is None:
        return None
    return {
        "name": row.tier.name if row.tier else None,
        "since": shapes.moment(row.since),
        "kept_until": shapes.moment(row.locked_until),
        "next_review": shapes.moment(row.next_review_at),
        "reason": row.reason,
    }


def _rfm(customer_id: int) -> dict[str, Any] | None:
    row = RfmStanding.objects.filter(pk=customer_id).first()
    if row is None:
        return None
    return {
        "segment": rfm.current().name(row.segment),
        "before": row.before,
        "recency": row.recency,
        "visits": row.visits,
        "spent": row.spent,
        "since": shapes.moment(row.since),
    }


def sign_ins(customer_id: int) -> list[dict[str, Any]]:
    """The browsers in which they are signed in."""
    rows = SignIn.objects.filter(customer=customer_id).order_by("pk")
    return [
        {"since": shapes.moment(row.made_at), "last_seen": shapes.moment(row.seen_at)}
        for row in rows
    ]
