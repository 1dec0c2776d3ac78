"""The database fails under us: a sample of what docs/proof.md says how to see in full."""

import json

import pytest
from django.db import connection

from tests.proof import command

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that can fail"),
]


def test_a_commit_whose_answer_is_lost_is_not_done_twice() -> None:
    done = command.run("tests.proof", "--silences", "10")

    assert " 0 failed" in done.stdout, done.stdout + done.stderr


def test_the_server_is_restarted_again_and_again_while_journeys_walk() -> None:
    asked = ["--kills", "0", "--minutes", "0.6", "--restarts", "--a-second", "10"]
    done = command.run("tests.proof.soak", *asked, server=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["restarts"] > 0
