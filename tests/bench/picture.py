"""The picture of docs/benchmarks.md: bars, drawn as SVG, readable on light and dark pages."""

from html import escape

from tests.bench.meter import Row
from tests.bench.report import Results, number

WIDTH, MARGIN, LABELS, ROW = 860, 28, 300, 30
TOP = 62

STYLE = """
  .card { fill: #ffffff; stroke: #d9d6cf; }
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1c1e21; }
  .title { font-size: 16px; font-weight: 600; }
  .small { font-size: 12px; fill: #5f6570; }
  .theirs { fill: #a4a9b3; }
  .ours { fill: #0f7a8c; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #17191d; stroke: #34383f; }
    text { fill: #e8e8e6; }
    .small { fill: #a2a8b3; }
    .theirs { fill: #6d7480; }
    .ours { fill: #39b3c6; }
  }
"""

Bar = tuple[str, float, str]  # label, length, class


def draw(results: Results) -> str:
    panels = [
        (
            "Steps a second, each with its own kind of step",
            "Most others commit every step; ours are rows, and go in batches: that is the design.",
            _rates(results),
        ),
        (
            "CPU milliseconds for one journey woken (4 steps)",
            "With few and with many others waiting; program and database together.",
            _costs(results),
        ),
    ]
    y, body = MARGIN, []
    for title, words, bars in panels:
        if bars:
            body.append(_panel(title, words, bars, y))
            y += TOP + ROW * len(bars) + MARGIN // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Benchmarks: steps a second, and the cost of waking a journey">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{y - 1}" rx="12"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _rates(results: Results) -> list[Bar]:
    most = results.waiting[-1]

    def on_sqlite(kind: str) -> Row | None:
        return results.find(f"sqlite {kind} pump1 {results.sizes['sqlite_waiting']}")

    wanted = [
        ("DBOS Transact", results.find("dbos"), "theirs"),
        ("django-viewflow", results.find("viewflow"), "theirs"),
        ("procrastinate", results.find("procrastinate"), "theirs"),
        ("django-q2, no-op tasks", results.find("django-q2"), "theirs"),
        ("Regulars on SQLite, who enters", on_sqlite("events"), "ours"),
        ("Regulars on SQLite, who is woken", on_sqlite("wakes"), "ours"),
        ("Regulars, runworker, who enters", results.lap("events", "worker", most), "ours"),
        ("Regulars, runworker, who is woken", results.lap("wakes", "worker", most), "ours"),
    ]
    return [(label, row.steps_per_second, kind) for label, row, kind in wanted if row]


def _costs(results: Results) -> list[Bar]:
    found = [(n, results.lap("wakes", "pump2", n)) for n in results.waiting]
    return [(f"{n:,} waiting", row.cpu_ms, "ours") for n, row in found if row]


def _panel(title: str, words: str, bars: list[Bar], y: int) -> str:
    longest = max(length for _label, length, _kind in bars)
    lines = [
        f'<text class="title" x="{MARGIN}" y="{y + 14}">{escape(title)}</text>',
        f'<text class="small" x="{MARGIN}" y="{y + 36}">{escape(words)}</text>',
    ]
    for place, (label, length, kind) in enumerate(bars):
        top = y + TOP + ROW * place
        width = max(2.0, (WIDTH - LABELS - 2 * MARGIN - 70) * length / longest)
        lines += [
            f'<text x="{LABELS - 12}" y="{top + 3}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{top - 10}" width="{width:.1f}" height="17" '
            'rx="3"/>',
            f'<text x="{LABELS + width + 8:.1f}" y="{top + 3}">{number(length)}</text>',
        ]
    return "\n".join(lines)
