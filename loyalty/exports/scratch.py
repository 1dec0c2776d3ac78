"""Folders for files on their way, none of which outlives whoever made it by much.

A process that is killed cannot delete what it wrote, and that is personal. So it holds a lock of
the kernel's on its folder (flock), which ends with it, and whoever needs a folder next deletes
those that nobody holds.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "regulars-export-"


@contextmanager
def folder() -> Iterator[Path]:
    """One that nobody else can read, gone at the end."""
    sweep()
    # It gets the name by which it may be swept once it is held.
    new = Path(tempfile.mkdtemp())
    held = _held(new)
    named = new.rename(new.with_name(f"{PREFIX}{new.name}"))
    try:
        yield named
    finally:
        shutil.rmtree(named, ignore_errors=True)
        os.close(held)


def sweep() -> None:
    """Delete what was left by those who are gone."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # of another user's, or held, or gone by now
            held = _held(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)


def _held(path: Path) -> int:
    """The lock on that folder, until it is closed. Raises BlockingIOError where it is another's."""
    found = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(found)
        raise
    return found
