"""A sample of the proof; docs/proof.md says how to see all of it."""

import pytest

from tests.proof import command

pytestmark = pytest.mark.processes

# One point in so many (a prime, so that no rhythm of ours hides any), and random deaths.
EVERY = 47
RANDOM = 30
BUGS = [
    "an effect commits before its journey has ended",
    "a letter is queued after the commit",
    "a letter is marked sent before it is sent",
    "a letter in doubt is sent again",
]


@pytest.fixture(scope="module")
def said() -> str:
    """What the proof says of all that at once, for it takes a while to be prepared."""
    asked = ["--all", "--every", str(EVERY), "--random", str(RANDOM), "--plant"]
    done = command.run("tests.proof", *asked)
    return done.stdout + done.stderr


def test_a_process_may_die_anywhere(said: str) -> None:
    assert " 0 failed" in said, said


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_that_was_planted_is_caught(said: str, bug: str) -> None:
    assert f"{bug}: caught" in said, said
