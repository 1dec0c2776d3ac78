"""Cells that a spreadsheet shows and never computes."""

import csv
import io
import re
from collections.abc import Sequence

# OWASP, "CSV Injection": what begins so may be taken for a formula. A quote in front of it is
# taken away again when such a file is imported here; one that stood there gets another.
DANGEROUS = re.compile(r"[=+\-@\t\r']")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def safe(value: object) -> str:
    """The text of a cell; an amount below zero stays a number."""
    text = "" if value is None else str(value)
    if DANGEROUS.match(text) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def line_of(cells: Sequence[object]) -> str:
    """One line of CSV (RFC 4180), formula-safe."""
    text = io.StringIO()
    csv.writer(text).writerow([safe(cell) for cell in cells])
    return text.getvalue()
