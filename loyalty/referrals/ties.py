"""Who brought whom, as automations ask it: the two of a referral, and whom a customer is tied to.

What was refused or taken back ties nobody.
"""

from collections.abc import Collection

from django.db.models import QuerySet

from loyalty.models import Referral
from loyalty.models.referral import ReferralState


def referrers_in(referral_ids: Collection[int]) -> dict[int, int]:
    """Who brought somebody, by referral."""
    return dict(_tying(pk__among=referral_ids).values_list("pk", "referrer_id"))


def referred_in(referral_ids: Collection[int]) -> dict[int, int]:
    """Who was brought, by referral."""
    return dict(_tying(pk__among=referral_ids).values_list("pk", "referred_id"))


def referrers_of(customer_ids: Collection[int]) -> dict[int, int]:
    """Who brought each of these customers."""
    return dict(_tying(referred_id__among=customer_ids).values_list("referred_id", "referrer_id"))


def last_referred_by(customer_ids: Collection[int]) -> dict[int, int]:
    """Whom each of these customers brought last."""
    found = _tying(referrer_id__among=customer_ids).order_by("pk")
    return dict(found.values_list("referrer_id", "referred_id"))


def _tying(**which: Collection[int]) -> QuerySet[Referral]:
    loose = (ReferralState.REFUSED, ReferralState.REVERSED)
    return Referral.objects.filter(**which).exclude(state__in=loose)
