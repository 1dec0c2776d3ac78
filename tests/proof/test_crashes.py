"""A sample of the proof; `python -m tests.proof` (docs/proof.md) has all of it."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.house import ROOT

pytestmark = pytest.mark.processes


def proof(*words: str) -> str:
    """What the proof says on the database of this run; fails where it fails."""
    database = "sqlite" if connection.vendor == "sqlite" else "postgres"
    server = [] if database == "sqlite" else ["--server", os.environ["DATABASE_URL"]]
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof", "--database", database, *server, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_process_may_die_anywhere():
    """Each thirty-seventh point (a prime, so that no rhythm of ours hides one), and thirty trials
    with up to six deaths."""
    said = proof("--all", "--every", "37", "--random", "30")

    assert " 0 failed" in said


def test_the_proof_catches_bugs_that_were_planted():
    assert "NOT CAUGHT" not in proof("--plant")
