"""The proof as a command, for the tests that run a sample of it."""

import os
import subprocess
import sys

from django.db import connection

from tests.house import ROOT


def run(module: str, *words: str, server: bool = True) -> subprocess.CompletedProcess[str]:
    """On the database of this test run; on its own PostgreSQL unless on the run's `server`."""
    database = ["--database", "sqlite"]
    if connection.vendor == "postgresql":
        database = ["--database", "postgres"]
        database += ["--server", os.environ["DATABASE_URL"]] if server else []
    return subprocess.run(
        [sys.executable, "-m", module, *database, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
