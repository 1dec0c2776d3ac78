"""Referrals: who brought whom, when it counts, what both get; the tables' only writer."""

from loyalty.referrals.hearing import came, ordered, undone
from loyalty.referrals.joining import joined
from loyalty.referrals.links import code_of, link, of_code, offer_of, shared
from loyalty.referrals.merging import follow
from loyalty.referrals.rewarding import forget, is_due, settle

__all__ = [
    "came",
    "code_of",
    "follow",
    "forget",
    "is_due",
    "joined",
    "link",
    "of_code",
    "offer_of",
    "ordered",
    "settle",
    "shared",
    "undone",
]
