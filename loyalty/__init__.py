"""Customers, cards and the ledger; knows nothing of the other apps."""
