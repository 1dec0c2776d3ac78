"""Forked processes that may be killed: warm from the start, and with nothing of their own."""

import json
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import connections

HANGS_AFTER = 60  # seconds; then the kernel ends it and that is a fault


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: `answer` is what its work gave back, `died` that it was killed by the
    point it stood at, `fault` anything else."""

    answer: Any = None
    died: bool = False
    fault: str = ""


def do(work: Callable[[], Any]) -> Ended:
    """Run it in a child of this process; what it gives back must be JSON."""
    connections.close_all()  # a connection is not to be shared with a child
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _be(work, write)
    os.close(write)
    with open(read) as pipe:  # noqa: PTH123 (a descriptor has no path)
        said = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        died = number == signal.SIGKILL
        return Ended(died=died, fault="" if died else f"ended by signal {number}")
    if os.WEXITSTATUS(status):
        return Ended(fault=said)
    return Ended(answer=json.loads(said))


def _be(work: Callable[[], Any], pipe: int) -> NoReturn:
    signal.alarm(HANGS_AFTER)
    code = 1
    try:
        said = json.dumps(work())
        code = 0
    except BaseException:  # noqa: BLE001 (nothing of the child may run in the parent's code)
        said = traceback.format_exc()
    with open(pipe, "w") as answer:
        answer.write(said)
    os._exit(code)
