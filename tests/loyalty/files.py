"""Files as people send them, and an import of one done to its end."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from loyalty import imports
from loyalty.imports import Layout, Wishes
from loyalty.models import Import


def csv_of(*rows: Sequence[object], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def sent(content: bytes | Iterable[bytes], now: datetime, **wishes: Any) -> Import:
    """Uploaded and read."""
    parts = [content] if isinstance(content, bytes) else content
    source, _new = imports.upload(
        "people.csv", parts, wishes=Wishes(**wishes), actor="staff:1", now=now
    )
    return worked(source, now)


def worked(source: Import, now: datetime) -> Import:
    """Until it waits for somebody, or is over."""
    while True:
        source.refresh_from_db()
        if not source.is_at_work:
            return source
        imports.work(source.pk, now=now, budget=60)


def imported(content: bytes, now: datetime, **wishes: Any) -> Import:
    """Sent, understood as it was guessed, and done."""
    source = sent(content, now, **wishes)
    return worked(imports.start(source, now=now), now)


def laid_out(source: Import, now: datetime, **changes: Any) -> Import:
    """Understood as guessed, but for what is said."""
    wishes = Wishes(
        program=source.program,
        existing=source.existing,
        balances=source.balances,
        trigger=source.trigger,
        proof=source.proof,
    )
    return imports.understand(source, Layout.of(source.layout | changes), wishes, now=now)


def problems(source: Import) -> dict[int, str]:
    return dict(source.line_problems.values_list("line", "text"))
