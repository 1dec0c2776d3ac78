"""Somebody who is forgotten is forgotten in files that wait, too: their lines are emptied."""

import json
import re
from collections.abc import Iterator

from loyalty import clock
from loyalty.imports.files import Row
from loyalty.imports.lines import Line, Reader
from loyalty.imports.reading import rows_of
from loyalty.imports.working import reader_of
from loyalty.models import Customer, Import, ImportPart

# Digits that a number has however it is written: 044 668 18 00 is +41 44 668 18 00.
TAIL = 7
NO_DIGIT = re.compile(r"\D")


def hold_still() -> None:
    """Let no import that still has lines take any until this transaction ends. Before customers are
    locked: whoever does a part of an import locks them after it."""
    waiting = Import.objects.filter(pk__in=ImportPart.objects.values("source"))
    list(waiting.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def forget(customer_id: int) -> None:
    """Empty every line that names them, by whichever of their names, with what it says; such a line
    is refused when its turn comes. They were not emptied yet, and `hold_still` was called."""
    people = list(Customer.objects.filter(pk=customer_id))
    people += Customer.objects.filter(merged_into=customer_id)
    for source in Import.objects.filter(pk__in=ImportPart.objects.values("source")).order_by("pk"):
        reader = reader_of(source, clock.now())
        parts = ImportPart.objects.filter(source=source).order_by("number")
        for pk in list(parts.values_list("pk", flat=True)):
            part = ImportPart.objects.get(pk=pk)
            if any(_may_name(part.content, who) for who in people):
                part.content = json.dumps(list(_without(rows_of(part), people, reader)))
                part.save(update_fields=["content"])


def _may_name(content: str, who: Customer) -> bool:
    """Quick, and never wrong where it says no."""
    folded = content.casefold()
    words = [json.dumps(each)[1:-1].casefold() for each in (who.email, who.external_id) if each]
    tail = who.phone[-TAIL:]
    return any(word in folded for word in words) or bool(tail and tail in NO_DIGIT.sub("", content))


def _without(rows: list[Row], people: list[Customer], reader: Reader) -> Iterator[Row]:
    for row in rows:
        is_about = any(_names(row, who, reader) for who in people)
        yield Row(row.line, []) if is_about else row


def _names(row: Row, who: Customer, reader: Reader) -> bool:
    """By a cell that is their address, or as the line will be understood."""
    texts = {cell.strip().casefold() for cell in row.cells if isinstance(cell, str)}
    if who.email and who.email in texts:
        return True
    line = reader.read(row)
    if not isinstance(line, Line):
        return False
    said = line.details
    return any(
        said.get(name) == getattr(who, name) != "" for name in ("email", "phone", "external_id")
    )
