"""Referrals: who brought whom, when it counts, what both get; the tables' only writer."""

from loyalty.referrals.hearing import came, ordered, undone
from loyalty.referrals.joining import joined
from loyalty.referrals.links import code_of, link, of_code, offer_of, shared
from loyalty.referrals.merging import follow
from loyalty.referrals.rewarding import forget, is_due, settle
from loyalty.referrals.ties import last_referred_by, referred_in, referrers_in, referrers_of

__all__ = [
    "came",
    "code_of",
    "follow",
    "forget",
    "is_due",
    "joined",
    "last_referred_by",
    "link",
    "of_code",
    "offer_of",
    "ordered",
    "referred_in",
    "referrers_in",
    "referrers_of",
    "settle",
    "shared",
    "undone",
]
