"""`python -m tests.bench` (`make bench`): everything side by side, in one run on one machine.

Unattended, fifteen minutes or so. A whole run rewrites a part of docs/benchmarks.md and its
picture; `--quick`, `--only` and `--waiting` print only.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from tests import postgres
from tests.bench import databases, peers, picture, product, raw, report
from tests.bench.databases import Server
from tests.bench.meter import Row
from tests.bench.report import Results
from tests.bench.sizes import QUICK, WHOLE, Sizes
from tests.house import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "images" / "benchmarks.svg"
KEPT = ROOT / "data" / "bench"

PARTS: dict[str, Callable[[Server, Sizes], Iterator[Row]]] = {
    "raw": raw.rows,
    "peers": peers.rows,
    "ours": product.rows,
    "sqlite": product.sqlite_rows,
}


def main() -> int:
    asked = _asked()
    # Told to stop, it stops the workers and servers it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if asked.render:
        _publish(_kept("whole.json"))
        return 0
    sizes = QUICK if asked.quick else WHOLE
    if asked.runs:
        sizes = replace(sizes, runs=asked.runs)
    if asked.waiting:
        sizes = replace(sizes, waiting=tuple(asked.waiting))
    parts = asked.only or list(PARTS)
    is_enough = sizes.runs >= WHOLE.runs and sizes == replace(WHOLE, runs=sizes.runs)
    is_whole = is_enough and len(parts) == len(PARTS)
    results, failed = _measured(parts, sizes)
    _keep(results, "whole.json" if is_whole and not failed else "part.json")
    _say(report.page_part(results))
    if is_whole and not failed:
        _publish(results)
    return 1 if failed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two, to see it work")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="only these parts")
    parser.add_argument("--waiting", nargs="+", type=int, help="how many others wait, by shop")
    parser.add_argument("--runs", type=int, help="of each measurement; a whole run has three")
    parser.add_argument(
        "--render", action="store_true", help="measure nothing, write the last whole run again"
    )
    return parser.parse_args()


def _measured(parts: list[str], sizes: Sizes) -> tuple[Results, list[str]]:
    """A part that fails leaves the others to be measured."""
    began, failed, rows = time.monotonic(), list[str](), list[Row]()
    with postgres.server(durable=True, settings=databases.SETTINGS) as url:
        server = Server(url)
        for part in parts:
            try:
                for row in PARTS[part](server, sizes):
                    rows.append(row)
                    _say(f"{time.monotonic() - began:5.0f} s  {report.in_a_line(row)}")
            except Exception:  # noqa: BLE001 (hours of others' figures must not be lost with it)
                traceback.print_exc()
                failed.append(part)
        about = report.about(server.version(), server.settings())
    about["Took"] = f"{(time.monotonic() - began) / 60:.0f} minutes"
    for part in failed:
        _say(f"FAILED: {part}")
    return Results(about, rows, asdict(sizes)), failed


def _keep(results: Results, name: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / name).write_text(json.dumps(results.as_json(), indent=1))


def _kept(name: str) -> Results:
    return Results.from_json(json.loads((KEPT / name).read_text()))


def _publish(results: Results) -> None:
    PAGE.write_text(report.into_page(PAGE.read_text(), report.page_part(results)))
    PICTURE.write_text(picture.draw(results))
    for file in (PAGE, PICTURE):
        _say(f"wrote {Path(file).relative_to(ROOT)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
