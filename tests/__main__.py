"""`python -m tests`: the whole suite on SQLite, then on PostgreSQL. Fails if either does.

Arguments go to pytest, and win: `make test ARGS="-k ledger -x -n 0"`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from xml.etree import ElementTree

# More than four would spend their time making databases.
AT_ONCE = ["-n", str(min(4, os.cpu_count() or 1))]
DATABASES = {"SQLite": [], "PostgreSQL": ["-p", "tests.postgres"]}


told_to_stop = threading.Event()


def run(name: str, extra: list[str], report: Path) -> tuple[bool, str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DEBUG"}}
    say(f"— the suite on {name} —")
    started = time.monotonic()
    words = [*extra, *AT_ONCE, f"--junitxml={report}", *sys.argv[1:]]
    code = call([sys.executable, "-m", "pytest", *words], environment)
    return code == 0, f"{name}: {tally(report)} in {time.monotonic() - started:.0f} s"


def call(command: list[str], environment: dict[str, str]) -> int:
    """Run it to its end, also when we are told to stop: it has servers and workers to put away."""
    process = subprocess.Popen(command, env=environment)

    def stop(number: int, _: object) -> None:
        told_to_stop.set()
        if number == signal.SIGTERM:  # Ctrl-C has reached it already
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return process.wait()


def tally(report: Path) -> str:
    """ "12 passed, 1 skipped": what pytest wrote down, or that it wrote nothing."""
    if not report.exists():
        return "did not run"
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 (our own file)
    assert suite is not None
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    counts = {
        "failed": bad,
        "passed": int(suite.get("tests", 0)) - bad - skipped,
        "skipped": skipped,
    }
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n or what == "passed")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = [
            run(name, extra, Path(folder) / f"{name}.xml")
            for name, extra in DATABASES.items()
            if not told_to_stop.is_set()
        ]
    for _, line in results:
        say(line)
    return 0 if len(results) == len(DATABASES) and all(passed for passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
