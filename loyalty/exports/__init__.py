"""What leaves the house as files, written in the background: customers, cards, operations; knows no
screens."""

from loyalty.exports.apart import hold_still
from loyalty.exports.asking import KEPT, begin, cancel, forget
from loyalty.exports.formats import FORMATS
from loyalty.exports.tables import TABLES, Table
from loyalty.exports.taking import File, file_of, percent, summary
from loyalty.exports.working import due, work

__all__ = [
    "FORMATS",
    "KEPT",
    "TABLES",
    "File",
    "Table",
    "begin",
    "cancel",
    "due",
    "file_of",
    "forget",
    "hold_still",
    "percent",
    "summary",
    "work",
]
