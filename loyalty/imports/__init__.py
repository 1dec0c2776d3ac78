"""Files of customers, cards and balances: read, understood, checked and done; knows no screens."""

from loyalty.imports.batch import Outcome
from loyalty.imports.cells import Unreadable
from loyalty.imports.columns import AMOUNTS, CONSENTS, MEANINGS, Layout
from loyalty.imports.deciding import (
    KEPT,
    Wishes,
    cancel,
    check,
    pause,
    resume,
    start,
    understand,
    upload,
)
from loyalty.imports.forgetting import forget, hold_still
from loyalty.imports.reading import first_rows
from loyalty.imports.report import report, summary
from loyalty.imports.working import due, work

__all__ = [
    "AMOUNTS",
    "CONSENTS",
    "KEPT",
    "MEANINGS",
    "Layout",
    "Outcome",
    "Unreadable",
    "Wishes",
    "cancel",
    "check",
    "due",
    "first_rows",
    "forget",
    "hold_still",
    "pause",
    "report",
    "resume",
    "start",
    "summary",
    "understand",
    "upload",
    "work",
]
