"""One django-q2 cluster in a process of its own; `runworker` starts one for each name.

Differs from `manage.py qcluster` in two things. It stops from its main loop, not from inside the
signal (the stock handler may wait for a lock that the interrupted code holds, django-q2 #346). And
no process of it outlives its parent, whatever killed that one: the guard's death ends its workers,
ours ends the guard, runworker's ends us.
"""

import ctypes
import gc
import logging
import os
import signal

from django_q.cluster import Cluster

PR_SET_PDEATHSIG = 1
LOOKS_EVERY = 0.2  # seconds

_libc = ctypes.CDLL(None, use_errno=True)
_forking = 0


class PatientCluster(Cluster):
    """Notes that it was told to stop, and leaves the stopping to `run`."""

    told_to_stop = False

    def sig_handler(self, signum: int, frame: object) -> None:
        self.told_to_stop = True


def run(parent: int) -> bool:
    """Until told to stop; False when the guard failed. Dies with `parent`."""
    die_with(parent)
    os.register_at_fork(before=_note_parent, after_in_child=lambda: die_with(_forking))
    # "Processing … Processed …" for each of five rings a second says nothing.
    logging.getLogger("django-q").setLevel(logging.WARNING)
    cluster = PatientCluster()
    spare_the_collector()
    try:
        cluster.start()
    except RuntimeError:  # its guard ended before it had begun
        _die_like(cluster.sentinel.exitcode)
        raise
    while cluster.sentinel.is_alive():
        if cluster.told_to_stop:
            return bool(cluster.stop())
        cluster.sentinel.join(LOOKS_EVERY)
    _die_like(cluster.sentinel.exitcode)
    return False


def _die_like(exitcode: int | None) -> None:
    """Who was killed: end the same way, so that nobody thinks it an error."""
    if exitcode is not None and exitcode < 0:
        os.kill(os.getpid(), -exitcode)


def spare_the_collector() -> None:
    """Look for garbage seldom, and never in what is loaded by now: it stays, in all the workers.

    A batch makes thousands of objects that live as long as it does, and hardly a cycle. Looking
    through them at Python's usual pace took a fifth of a worker's time. The few cycles there are,
    6 MB in a million steps, are collected about once in as many.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 5)


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies; at once if it is dead already.

    The wish is not inherited: each forked process must make its own.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _note_parent() -> None:
    global _forking
    _forking = os.getpid()
