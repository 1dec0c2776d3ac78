"""Staff's pages for customers, cards and the ledger; whatever they change, a verb changes."""

from loyalty.admin import cards, customers, programs, records, shop, tokens

__all__ = ["cards", "customers", "programs", "records", "shop", "tokens"]
