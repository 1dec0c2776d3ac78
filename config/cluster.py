"""One django-q2 cluster in a process of its own; `runworker` starts one for each name.

Differs from `manage.py qcluster` in three things. It is forked by who has loaded everything, for
loading takes seconds. It stops from its main loop, not from inside the signal (the stock handler
may wait for a lock that the interrupted code holds, django-q2 #346). And no process of it outlives
its parent, whatever killed that one: the guard's death ends its workers, ours ends the guard,
runworker's ends us.
"""

import contextlib
import ctypes
import gc
import logging
import os
import signal

from django.conf import settings
from django.db import connections
from django_q.cluster import Cluster
from django_q.conf import Conf

PR_SET_PDEATHSIG = 1
LOOKS_EVERY = 0.2  # seconds
STOPS = {signal.SIGTERM, signal.SIGINT}

logger = logging.getLogger("runworker")

_libc = ctypes.CDLL(None, use_errno=True)
_forking = 0


class PatientCluster(Cluster):
    """Notes that it was told to stop, and leaves the stopping to `_run`."""

    told_to_stop = False

    def sig_handler(self, signum: int, frame: object) -> None:
        self.told_to_stop = True


def start(name: str, group: int) -> int:
    """Its process: a copy of this one that is cluster `name`, in that process group (0: its own).

    It exits with 0 when it was told to stop, with 1 after an error. To be called from the only
    thread of a process that keeps no connection for itself: they are closed. Raises OSError where
    the machine has no room for another process.
    """
    parent = os.getpid()
    connections.close_all()  # two processes would talk through one
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until who is told is who it is meant for
    try:
        child = os.fork()
        if not child:
            _be(name, group, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    # Both do it, since either may be the first that needs it done.
    with contextlib.suppress(OSError):
        os.setpgid(child, group)
    return child


def _be(name: str, group: int, parent: int) -> None:
    """The forked process's whole life; does not return."""
    status = 1
    try:
        die_with(parent)
        os.setpgid(0, group)
        for number in STOPS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        configure(name)
        status = 0 if _run() else 1
    except BaseException:
        logger.exception("%s failed", name)
    finally:
        os._exit(status)


def configure(name: str) -> None:
    """Make this process's django-q2 that cluster: it reads which one it is, and what is special
    about it, when it is imported, and that was long ago."""
    os.environ["Q_CLUSTER_NAME"] = Conf.CLUSTER_NAME = name
    alternatives = settings.Q_CLUSTER["ALT_CLUSTERS"]
    options = settings.Q_CLUSTER | alternatives.get(name, {})
    for option in {option for each in alternatives.values() for option in each}:
        setattr(Conf, option.upper(), options[option])


def _run() -> bool:
    """Until told to stop; False when the guard failed."""
    os.register_at_fork(before=_note_parent, after_in_child=lambda: die_with(_forking))
    # "Processing … Processed …" for each of five rings a second says nothing.
    logging.getLogger("django-q").setLevel(logging.WARNING)
    cluster = PatientCluster()
    try:
        cluster.start()
    except RuntimeError:  # its guard ended before it had begun, which django-q has said
        _die_like(cluster.sentinel.exitcode)
        return False
    while cluster.sentinel.is_alive():
        if cluster.told_to_stop:
            return bool(cluster.stop())
        cluster.sentinel.join(LOOKS_EVERY)
    _die_like(cluster.sentinel.exitcode)
    return False


def _die_like(exitcode: int | None) -> None:
    """Who was killed: end the same way, so that nobody thinks it an error."""
    if exitcode is not None and exitcode < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no handler
            signal.signal(-exitcode, signal.SIG_DFL)
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
