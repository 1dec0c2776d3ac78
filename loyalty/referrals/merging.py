"""Referrals of a customer who was merged into another."""

from django.utils.translation import gettext as _

from loyalty import cards
from loyalty.merged import Merged
from loyalty.models import Card, Customer, Referral
from loyalty.models.card import ReferralStage
from loyalty.models.referral import ReferralState, Refusal, ToDo
from loyalty.referrals.joining import FRESH


def follow(merged: Merged) -> None:
    """Whom the one brought, the other has brought; who brought the one, has brought the other,
    unless somebody had done so before. May be repeated.

    Nobody has brought themselves: what one of the two gave for the other is refused, and what was
    given already is taken back by the calendar. An invitation that was waiting is refused where the
    other was a customer before.
    """
    rows = Referral.objects.select_for_update(no_key=True).order_by("pk")
    both = (merged.gone_id, merged.kept_id)
    for referral in rows.filter(referrer__in=both, referred__in=both):
        _undo(referral)
    for referral in rows.filter(referred=merged.gone_id):
        _bring(referral, merged)
    made = Referral.objects.filter(referrer=merged.gone_id)
    made.update(referrer=merged.kept_id)
    for gone, into in merged.cards.items():
        Referral.objects.filter(card=gone).update(card=into)
    _mark(merged)


def _undo(referral: Referral) -> None:
    if referral.state == ReferralState.REWARDED:
        referral.to_do, referral.reason = ToDo.REVERSE, Refusal.SELF
        note = _("Both turned out to be one person.")
        referral.note = f"{referral.note} {note}".strip()[:250]
        referral.save(update_fields=["to_do", "reason", "note"])
    elif referral.state in (*Referral.OPEN, ReferralState.QUALIFIED):
        _refuse(referral, Refusal.SELF)


def _bring(referral: Referral, merged: Merged) -> None:
    kept = Customer.objects.get(pk=merged.kept_id)
    is_second = Referral.objects.filter(referred=kept).exists()
    was_known = referral.state in Referral.OPEN and kept.created_at < referral.joined_at - FRESH
    is_unpaid = referral.state in (*Referral.OPEN, ReferralState.QUALIFIED)
    if was_known or (is_second and is_unpaid):
        _refuse(referral, Refusal.NOT_NEW)
    if is_second:
        Referral.objects.filter(pk=referral.pk).update(device="")
    else:
        Referral.objects.filter(pk=referral.pk).update(referred=kept)


def _refuse(referral: Referral, reason: Refusal) -> None:
    referral.state, referral.to_do, referral.reason = ReferralState.REFUSED, ToDo.NOTHING, reason
    referral.save(update_fields=["state", "to_do", "reason"])


def _mark(merged: Merged) -> None:
    """Their cards say whether something is awaited of them."""
    is_awaited = Referral.objects.filter(referred=merged.kept_id, state__in=Referral.OPEN).exists()
    theirs = Card.objects.filter(customer=merged.kept_id)
    for card in theirs.exclude(referral_stage=ReferralStage.NONE).order_by("pk"):
        into = merged.cards.get(card.pk)
        if is_awaited and into is not None:
            cards.await_referral(Card.objects.get(pk=into), ReferralStage(card.referral_stage))
        if not is_awaited or into is not None:
            cards.await_referral(card, ReferralStage.NONE)
