"""Files to begin with: the headers that are understood at once, and a line or two to write over."""

from collections.abc import Iterator, Sequence

from loyalty.exports.cells import line_of

WHO = ["Email", "Phone", "First name", "Last name", "Birthday"]
MIA = ["mia@example.com", "+41 44 668 18 00", "Mia", "Keller", "1990-02-28"]
NOA = ["noa@example.com", "", "Noa", "Meier", ""]

SAMPLES: dict[str, Sequence[Sequence[object]]] = {
    "customers": [[*WHO, "Language", "Tags"], [*MIA, "en", "vip, neighbour"], [*NOA, "de", ""]],
    "cards": [
        [*WHO, "Program", "Card number", "Stamps", "Points", "Balance"],
        [*MIA, "coffee", "", 4, "", ""],
        [*NOA, "gift", "440012", "", "", "25.00"],
    ],
}


def sample(kind: str) -> Iterator[str]:
    """As CSV, with the mark that lets a spreadsheet see that it is UTF-8."""
    yield "\ufeff"
    yield from map(line_of, SAMPLES[kind])
