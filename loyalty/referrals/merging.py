"""Referrals of a customer who was merged into another."""

from typing import TYPE_CHECKING

from loyalty.models import Referral
from loyalty.models.referral import ReferralState, Refusal

if TYPE_CHECKING:
    from loyalty.merging import Merged


def follow(merged: "Merged") -> None:
    """Whom the one brought, the other has brought; that the one was brought counts no more if it
    did not yet, for the other was a customer. May be repeated."""
    waiting = Referral.objects.filter(referred=merged.gone_id, state__in=Referral.OPEN)
    waiting.update(state=ReferralState.REFUSED, reason=Refusal.NOT_NEW)
    mine = Referral.objects.filter(referrer=merged.gone_id)
    for gone, kept in merged.cards.items():
        mine.filter(card=gone).update(card=kept)
    mine.update(referrer=merged.kept_id)
    itself = Referral.objects.filter(referrer=merged.kept_id, referred=merged.kept_id)
    itself.filter(state__in=Referral.OPEN).update(state=ReferralState.REFUSED, reason=Refusal.SELF)
