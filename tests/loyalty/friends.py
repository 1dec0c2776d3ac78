"""Alice shares her card's link, and others join by it."""

from datetime import datetime
from typing import Any

from loyalty import cards, referrals
from loyalty.models import Card, Customer, Program, Referral, ReferralOffer
from tests.cast import BY_STAFF, person


def offer(program: Program, **settings: Any) -> ReferralOffer:
    """Five for who brings somebody, three for who comes; counted at the first visit."""
    given = {"referrer_amount": 5, "referred_amount": 3} | settings
    made = ReferralOffer(program=program, **given)
    made.full_clean()
    made.save()
    return made


def newcomer(now: datetime, program: Program, email: str = "nick@example.com") -> Customer:
    """Somebody who has just joined, with the card of that program."""
    customer = person(now, email=email, first_name="Nick")
    cards.issue(program, customer, cause=BY_STAFF, now=now)
    return customer


def follow(card: Card, customer: Customer, now: datetime, device: str = "") -> Referral:
    """That customer joins by the link of that card."""
    code = referrals.code_of(card)
    found = referrals.joined(code, customer, device=device, cause=BY_STAFF, now=now)
    assert found is not None
    return found


def bring(card: Card, now: datetime, email: str = "nick@example.com", **how: Any) -> Referral:
    """A newcomer joins by the link of that card."""
    return follow(card, newcomer(now, card.program, email), now, **how)


def settle(now: datetime) -> None:
    while referrals.is_due():
        referrals.settle(100, now=now)


def theirs(referral: Referral) -> Card:
    """The newcomer's card of that program."""
    return Card.objects.get(customer=referral.referred_id, program=referral.card.program_id)
