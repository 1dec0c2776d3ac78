"""Somebody joins by a friend's link: who counts as a newcomer, and who does not."""

from datetime import datetime, timedelta

from loyalty import cards, ledger
from loyalty.causes import Cause
from loyalty.errors import NotFound
from loyalty.models import Card, Customer, Order, Referral, ReferralShare
from loyalty.models.card import ReferralStage
from loyalty.models.referral import Occasion, ReferralState, Refusal
from loyalty.referrals.hearing import qualify
from loyalty.referrals.links import hashed, of_code, offer_of

# Joining takes a few minutes: whoever is known for longer was known before.
FRESH = timedelta(hours=1)
# One mail service under two names, to which dots mean nothing
# (support.google.com/mail/answer/7436150 and /10313).
GMAIL = ("gmail.com", "googlemail.com")


def joined(
    code: str, newcomer: Customer, *, device: str = "", cause: Cause, now: datetime
) -> Referral | None:
    """Note that `newcomer` has joined by the link with that code, once they have their card.

    None where the code is nobody's or its program offers nothing. Who does not count is noted as
    refused, with the reason. A customer is brought once: repeated, or by another link, it gives
    what was noted first. `device` is any text that is the same each time (a cookie of ours). Raises
    NotFound for an erased customer, and for one without a card of that program.
    """
    card = of_code(code)
    offer = offer_of(card.program) if card else None
    if card is None or offer is None:
        return None
    with ledger.open(customers=[newcomer.pk], now=now) as book:
        return _note(book, card, offer.occasion, newcomer, device, cause, now)


def _note(
    book: ledger.Book,
    card: Card,
    occasion: str,
    newcomer: Customer,
    device: str,
    cause: Cause,
    now: datetime,
) -> Referral:
    known = Referral.objects.filter(referred=newcomer.pk).first()
    if known is not None:
        return known
    theirs = [each for each in book.cards.values() if each.program_id == card.program_id]
    if not theirs:
        raise NotFound
    reason = _refusal(card, newcomer, device, now)
    referral = Referral(
        card=card,
        referrer_id=card.customer_id,
        referred=newcomer,
        state=ReferralState.REFUSED if reason else ReferralState.INVITED,
        reason=reason,
        device=hashed(device) if device else "",
        joined_at=now,
    )
    referral.save(force_insert=True)
    if not reason and occasion == Occasion.JOIN:
        qualify(referral, book, now=now)
    elif not reason:
        cards.await_referral(theirs[0], ReferralStage.NEW)
    return referral


def _refusal(card: Card, newcomer: Customer, device: str, now: datetime) -> str:
    """Why this newcomer does not count; empty where they do."""
    if card.customer_id == newcomer.pk or _is_same_mailbox(card.customer.email, newcomer.email):
        return Refusal.SELF
    has_bought = Order.objects.filter(customer=newcomer.pk).exists()
    if has_bought or newcomer.created_at < now - FRESH:
        return Refusal.NOT_NEW
    if device and _is_known(hashed(device), card):
        return Refusal.SAME_DEVICE
    return ""


def _is_same_mailbox(one: str, other: str) -> bool:
    return bool(one) and _mailbox(one) == _mailbox(other)


def _mailbox(email: str) -> str:
    """Where its letters arrive: `ann+shop@…` is Ann's, and so is `a.nn@gmail.com`."""
    name, _at, domain = email.casefold().rpartition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@{GMAIL[0]}" if domain in GMAIL else f"{name}@{domain}"


def _is_known(device: str, card: Card) -> bool:
    """Whether the referrer has shared from there, was brought there, or brought somebody there."""
    mine = card.customer_id
    return (
        ReferralShare.objects.filter(card__customer=mine, device=device).exists()
        or Referral.objects.filter(referrer=mine, device=device).exists()
        or Referral.objects.filter(referred=mine, device=device).exists()
    )
