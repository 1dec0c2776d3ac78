"""A card's link for friends: its code, its address, and that it was shared."""

import hashlib
import hmac
from datetime import datetime

from django.db import transaction
from django.utils.http import base36_to_int, int_to_base36

from loyalty import addresses, events
from loyalty.causes import Cause
from loyalty.cleaning import LARGEST
from loyalty.models import Card, Program, ReferralOffer, ReferralShare

DIGITS = 10  # of the proof, 40 bits: a guess wins somebody else a friend, and no more
LONGEST_NUMBER = 13  # digits to the base of 36
LONGEST_CODE = LONGEST_NUMBER + 1 + DIGITS


def offer_of(program: Program) -> ReferralOffer | None:
    """What that program gives for bringing somebody; None where it gives nothing."""
    return ReferralOffer.objects.filter(program_id=program.pk, is_active=True).first()


def code_of(card: Card) -> str:
    """Names the card to a newcomer, and opens nothing: who knows it can neither see nor use the
    card. It stays when the card is replaced."""
    return f"{int_to_base36(card.pk)}-{_proof(card)}"


def of_code(code: str) -> Card | None:
    """The card of that code, its program loaded; None for one that is made up, blocked or gone."""
    number, dash, proof = code.strip().lower().partition("-")
    if not dash or len(code) > LONGEST_CODE or len(number) > LONGEST_NUMBER:
        return None
    if not number.isascii() or not number.isalnum():
        return None
    pk = base36_to_int(number)
    if pk > LARGEST:
        return None
    card = Card.objects.active().prefetch_related("program").filter(pk=pk).first()
    known = card is not None and hmac.compare_digest(_proof(card).encode(), proof.encode())
    return card if known else None


def link(card: Card) -> str:
    """Where whoever follows it joins the card's program, brought by that customer."""
    return f"{addresses.whole('join', card.program.slug)}?via={code_of(card)}"


def shared(card: Card, *, device: str = "", cause: Cause, now: datetime) -> None:
    """The customer has shared their link, from that device if it is known; told once a day.

    `device` is any text that is the same each time (a cookie of ours): who joins from there is not
    a newcomer. May be repeated.
    """
    with transaction.atomic():
        if device:
            row = ReferralShare(card_id=card.pk, device=hashed(device), at=now)
            ReferralShare.objects.bulk_create([row], ignore_conflicts=True)
        events.emit(
            events.Shared(card.program.slug),
            key=f"card:{card.pk}:shared:{now:%Y-%m-%d}",
            customer_id=card.customer_id,
            card_id=card.pk,
            cause=cause,
            now=now,
        )


def hashed(text: str) -> str:
    return hashlib.sha256(f"referral:{text}".encode()).hexdigest()


def _proof(card: Card) -> str:
    """Of the serial, which is 128 random bits and never shown to a newcomer."""
    return hashed(card.serial)[:DIGITS]
