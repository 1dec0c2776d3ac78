"""The counter: what a cashier, or an app with a key, does to a card."""

from loyalty.counter.claims import capture, hold, void
from loyalty.counter.moving import transfer
from loyalty.counter.slips import replay
from loyalty.counter.verbs import (
    UNDO_WINDOW,
    accrue,
    issue,
    redeem,
    renew,
    reverse,
    scan,
    serve,
    show,
)
from loyalty.counter.words import Answer, By, Request, Wish

__all__ = [
    "UNDO_WINDOW",
    "Answer",
    "By",
    "Request",
    "Wish",
    "accrue",
    "capture",
    "hold",
    "issue",
    "redeem",
    "renew",
    "replay",
    "reverse",
    "scan",
    "serve",
    "show",
    "transfer",
    "void",
]
