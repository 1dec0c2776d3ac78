"""A sample of the proof; docs/proof.md says how to see all of it."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.house import ROOT
from tests.proof.bugs import BUGS

pytestmark = pytest.mark.processes

# One point in so many (a prime, so that no rhythm of ours hides any), and random deaths.
EVERY = 23
RANDOM = 30


@pytest.fixture(scope="module")
def said(django_db_blocker):
    """What the proof says on the database of this run, all at once, for it must be prepared."""
    database, server = "sqlite", []
    if connection.vendor == "postgresql":
        database, server = "postgres", ["--server", os.environ["DATABASE_URL"]]
    asked = ["--all", "--every", str(EVERY), "--random", str(RANDOM), "--plant"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof", "--database", database, *server, *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_process_may_die_anywhere(said):
    assert " 0 failed" in said, said


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_that_was_planted_is_caught(said, bug):
    assert f"{bug}: caught" in said, said
