"""The smallest app with a bell: its jobs are files, so that tests need no table for them.

A job that was done leaves one line in `done`; `SLOW_JOBS` says how many seconds each takes.
"""

import os
import time
from datetime import datetime
from pathlib import Path

from django.apps import AppConfig


class Jobs(AppConfig):
    name = "tests.processes"
    label = "jobs"
    bells = [("tests.processes.jobs.due", "tests.processes.jobs.do", "regulars")]


def folder() -> Path:
    return Path(os.environ["JOBS_FOLDER"])


def due(now: datetime) -> list[int]:
    return sorted(int(path.name) for path in (folder() / "due").iterdir())


def do(job: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    (folder() / "begun").touch()
    time.sleep(float(os.environ.get("SLOW_JOBS", "0")))
    with (folder() / "done").open("a") as done:
        done.write(f"{job} {os.getpid()}\n")
    (folder() / "due" / str(job)).unlink(missing_ok=True)
    return 1
