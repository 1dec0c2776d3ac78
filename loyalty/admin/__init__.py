"""Staff's pages for customers, cards and the ledger; whatever they change, a verb changes."""

from loyalty.admin import (
    attributes,
    by_hand,
    campaigns,
    cards,
    customers,
    holds,
    presents,
    programs,
    records,
    referrals,
    reviews,
    rfm,
    shop,
    tiers,
    tokens,
    wallets,
)

__all__ = [
    "attributes",
    "by_hand",
    "campaigns",
    "cards",
    "customers",
    "holds",
    "presents",
    "programs",
    "records",
    "referrals",
    "reviews",
    "rfm",
    "shop",
    "tiers",
    "tokens",
    "wallets",
]
