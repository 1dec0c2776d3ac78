"""Holds: redemptions with a deadline, which are handed over or given back; the table's only writer.

A customer's claim and a checkout's hold are the same thing. What is held is off the card at once
(decision 0018); all that is decided of it is decided under the lock of its card's accounts, so of
two who decide at once one comes too late.
"""

from loyalty.holds.handling import OfMany, give_back_of, let_go
from loyalty.holds.holding import LONGEST, claim, place
from loyalty.holds.reading import done, find, handled, of
from loyalty.holds.settling import (
    capture_in,
    drop,
    overdue,
    take_back,
    void,
    void_in,
    void_overdue,
)

__all__ = [
    "LONGEST",
    "OfMany",
    "capture_in",
    "claim",
    "done",
    "drop",
    "find",
    "give_back_of",
    "handled",
    "let_go",
    "of",
    "overdue",
    "place",
    "take_back",
    "void",
    "void_in",
    "void_overdue",
]
