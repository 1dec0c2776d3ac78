"""Reads a portable document: everything that is wrong with it at once, each with its exact path."""

from automations.documents.document import parse
from automations.documents.parts import (
    FORMAT,
    NEUTRAL,
    THREAD,
    TOP,
    Document,
    DrawnThread,
    DrawnTrigger,
)

__all__ = [
    "FORMAT",
    "NEUTRAL",
    "THREAD",
    "TOP",
    "Document",
    "DrawnThread",
    "DrawnTrigger",
    "parse",
]
