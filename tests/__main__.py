"""`python -m tests`: the whole suite on SQLite and on PostgreSQL. Fails if either does.

First all that is quick, one database after the other, on all cores. Then the tests that kill real
processes, which mostly wait: both databases side by side. Arguments go to pytest, and then it is
one run for each database: `make test ARGS="-k ledger -x -n 0"`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

# More than four would spend their time making databases.
AT_ONCE = ["-n", str(min(4, os.cpu_count() or 1))]
DATABASES = {"SQLite": [], "PostgreSQL": ["-p", "tests.postgres"]}
# What the developer's own shop is set to; and hundreds of processes would compile our modules anew.
NOT_TOLD = {"DATABASE_URL", "DEBUG", "PYTHONDONTWRITEBYTECODE"}


@dataclass
class Run:
    """One pytest; `passed` and `counts` once it has ended."""

    name: str
    words: list[str]
    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    passed: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def report(self) -> Path:
        return self.folder / f"{self.name}.xml"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.txt"

    def start(self, *, aside: bool = False) -> None:
        """`aside`: what it says is kept, to be shown when it has ended."""
        command = [sys.executable, "-m", "pytest", f"--junitxml={self.report}", *self.words]
        environment = {name: value for name, value in os.environ.items() if name not in NOT_TOLD}
        output = self.log.open("wb") if aside else None
        self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    def wait(self) -> None:
        assert self.process is not None
        self.passed = self.process.wait() == 0
        self.counts = counts(self.report)
        if self.log.exists():
            say(f"— {self.name} —\n{self.log.read_text(errors='replace')}")


def counts(report: Path) -> dict[str, int]:
    """How many failed, passed and were skipped: what pytest wrote down."""
    if not report.exists():
        return {}
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 (our own file)
    assert suite is not None
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    passed = int(suite.get("tests", 0)) - bad - skipped
    return {"failed": bad, "passed": passed, "skipped": skipped}


def one_after_the_other(folder: Path, words: list[str]) -> Iterable[Run]:
    for database, plugin in DATABASES.items():
        say(f"— the suite on {database} —")
        run = Run(database, [*plugin, *AT_ONCE, *words], folder)
        run.start()
        stoppable([run])
        run.wait()
        yield run


def side_by_side(folder: Path, words: list[str]) -> Iterable[Run]:
    say("— real processes, killed, on both —")
    runs = [
        Run(f"{database}, real processes", [*plugin, *words], folder)
        for database, plugin in DATABASES.items()
    ]
    for run in runs:
        run.start(aside=True)
    stoppable(runs)
    for run in runs:
        run.wait()
        yield run


def stoppable(runs: Iterable[Run]) -> None:
    """Told to stop, we wait for them all the same: they have servers and workers to put away."""

    def stop(number: int, _frame: object) -> None:
        for run in runs:
            if run.process is not None and number == signal.SIGTERM:  # Ctrl-C reached it already
                run.process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def summary(database: str, runs: Iterable[Run]) -> str:
    mine = [run for run in runs if run.name.startswith(database)]
    if not all(run.counts for run in mine):
        return f"{database}: did not run to its end"
    passed, failed, skipped = (
        sum(run.counts[what] for run in mine) for what in ("passed", "failed", "skipped")
    )
    return f"{database}: {passed} passed, {failed} failed, {skipped} skipped"


def main() -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if words := sys.argv[1:]:
            runs = list(one_after_the_other(folder, words))
        else:
            runs = list(one_after_the_other(folder, ["-m", "not processes"]))
            runs += side_by_side(folder, ["-m", "processes"])
    for database in DATABASES:
        say(summary(database, runs))
    say(f"in {time.monotonic() - started:.0f} s")
    return 0 if all(run.passed for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
