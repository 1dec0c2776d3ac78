"""From figures to the page: tables in Markdown, ratios among them."""

import os
import platform
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench import pairs
from tests.bench.meter import Row

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PARTS = {
    "raw": "PostgreSQL alone",
    "peers": "Others, on the same PostgreSQL",
    "ours": "Regulars on PostgreSQL",
    "sqlite": "Regulars on SQLite",
}
NOISY = 0.15  # of the machine used by others: such a figure is marked


@dataclass(slots=True)
class Results:
    about: dict[str, str]
    rows: list[Row]
    sizes: dict[str, Any]

    def find(self, key: str) -> Row | None:
        """A row that was measured."""
        return next((row for row in self.rows if row.key == key and row.runs), None)

    @property
    def waiting(self) -> list[int]:
        return list(self.sizes["waiting"])

    def lap(self, kind: str, driver: str, waiting: int) -> Row | None:
        return self.find(f"ours {kind} {driver} {waiting}")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Results":
        return cls(data["about"], [Row.from_json(row) for row in data["rows"]], data["sizes"])


def about(postgresql: str, settings: dict[str, str]) -> dict[str, str]:
    """What the figures were measured on."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1024**2 if memory else 0
    return {
        "Measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Machine": f"{os.cpu_count()} cores ({cpu[1] if cpu else 'unknown'}), {gigabytes:.0f} GB",
        "Software": f"Python {platform.python_version()}, Django {version('django')}, "
        f"django-q2 {version('django-q2')}, psycopg {version('psycopg')}",
        f"PostgreSQL {postgresql}": ", ".join(
            f"{name} {value}" for name, value in settings.items()
        ),
    }


# --- One row --------------------------------------------------------------------------------------


def in_a_line(row: Row) -> str:
    if not row.runs:
        return f"{row.what}: {row.note}"
    others = max(run.others for run in row.runs)
    return f"{row.what}: {number(row.median)} {row.unit} {row.note} (others {others:.0%})"


def number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _cells(row: Row) -> list[str]:
    if not row.runs:
        return [row.what, "not measured", "", "", "", "", row.note]
    low, high = min(run.value for run in row.runs), max(run.value for run in row.runs)
    others = [run.others for run in row.runs]
    app = sorted(run.app_ms for run in row.runs)[len(row.runs) // 2]
    server = sorted(run.server_ms for run in row.runs)[len(row.runs) // 2]
    return [
        row.what,
        f"**{number(row.median)}** {row.unit}",
        f"{number(low)}–{number(high)}" if len(row.runs) > 1 else "",
        number(row.steps_per_second) if row.steps else "",
        f"{app:.3f} + {server:.3f}" if app + server else "",
        _share(others) if any(others) or app + server else "",
        row.note,
    ]


def _share(others: list[float]) -> str:
    mark = "*" if max(others) > NOISY else ""
    return f"{min(others):.0%}–{max(others):.0%}{mark}"


def _table(head: list[str], lines: list[list[str]]) -> str:
    text = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(text + [f"| {' | '.join(line)} |" for line in lines])


# --- Ratios ---------------------------------------------------------------------------------------


def ratios(results: Results) -> list[list[str]]:
    """Our steps a second over theirs, with the most others waiting: of those who enter, and of
    those who are woken."""
    most = results.waiting[-1]
    drivers, kinds = ("worker", "pump2"), ("events", "wakes")
    ours = [results.lap(kind, driver, most) for driver in drivers for kind in kinds]
    lines = []
    for key in ("django-q2", "dbos", "procrastinate", "viewflow"):
        theirs = results.find(key)
        if theirs:
            line = [theirs.what, number(theirs.steps_per_second)]
            line += [_times(row, theirs) for row in ours]
            line.append(_cheaper(ours[1], theirs))
            lines.append(line)
    return lines if any(ours) else []


def _times(ours: Row | None, theirs: Row) -> str:
    return f"{ours.steps_per_second / theirs.steps_per_second:.0f} ×" if ours else ""


def _cheaper(ours: Row | None, theirs: Row) -> str:
    if not ours or not ours.cpu_ms:
        return ""
    return f"{theirs.cpu_ms / theirs.steps / (ours.cpu_ms / ours.steps):.0f} ×"


def growth(results: Results) -> list[list[str]]:
    """What one wake costs with many others waiting over what it costs with few."""
    lines = []
    for row in results.rows:
        if row.part == pairs.PART and row.unit == "×":
            by_cpu = results.find(row.key.replace("clock", "cpu"))
            lines.append([row.what, _between(row), _between(by_cpu) if by_cpu else ""])
    return lines


def _between(row: Row) -> str:
    values = [run.value for run in row.runs]
    return f"**{row.median:.2f}** ({min(values):.2f}–{max(values):.2f})"


# --- The page -------------------------------------------------------------------------------------


def page_part(results: Results) -> str:
    """All that is measured; the words around it are written by hand."""
    parts = [_table(["", ""], [[name, value] for name, value in results.about.items()])]
    head = ["what", "median", "min–max", "steps/s", "CPU-ms each, app + db", "others", ""]
    for part, title in PARTS.items():
        if lines := [_cells(row) for row in results.rows if row.part == part]:
            parts += [f"### {title}", _table(head, lines)]
    if lines := ratios(results):
        most = f"{results.waiting[-1]:,}"
        head = ["steps/s", "theirs", "ours ÷ theirs: `runworker`, who enters", "who is woken"]
        head += ["2 pumps, who enters", "who is woken", "CPU of a step, theirs ÷ a woken one's"]
        parts += [f"### Ratios, with {most} others waiting on our side", _table(head, lines)]
    if lines := growth(results):
        head = ["cost of a wake, pair by pair", "by the clock", "by CPU"]
        parts += ["### Does waiting cost anything?", _table(head, lines)]
    return "\n\n".join(parts)


def into_page(page: str, part: str) -> str:
    before, rest = page.split(BEGIN)
    _old, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"
