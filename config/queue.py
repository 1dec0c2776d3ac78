"""What django-q2's processes talk through, rebuilt so that it survives the death of any of them.

A stock `multiprocessing.Queue` is guarded by semaphores. Whoever is killed while holding one takes
it along, and an idle worker always holds one: after `kill -9` of an idle worker the cluster looks
alive and does nothing (django-q2 #23, #339; 6 times out of 6 here). `config.apps` puts these two in
the place of the stock ones, before any process is forked.
"""

import contextlib
import fcntl
import mmap
import os
import pickle
import select
import socket
import time
import weakref
from multiprocessing.sharedctypes import RawValue
from typing import Any

HEAVIEST = 128 * 1024  # bytes of one message; the kernel's default buffer takes a little more
_FULL_NAP = 0.005  # seconds; nobody tells a sender that there is room again


class Queue:
    """A queue without a lock: one socket, one datagram for each item.

    The kernel hands a datagram to one reader, whole or not at all, so there is nothing to hold and
    nothing to leave half read. Items are pickled. An item above 128 KiB is a ValueError: our tasks
    carry integers. With `maxsize`, `put` waits while that many are queued; what a killed reader
    took without counting is forgiven as soon as the queue is empty.
    """

    def __init__(self, maxsize: int = 0) -> None:
        self._maxsize = maxsize
        self._outlet, self._inlet = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._outlet, self._inlet):
            weakref.finalize(self, end.close)
        self._counts = memoryview(mmap.mmap(-1, 16)).cast("q")  # items put, items taken; shared

    def put(self, item: Any) -> None:
        message = pickle.dumps(item)
        if len(message) > HEAVIEST:
            raise ValueError("A task may weigh 128 KiB: hand over an id, not the thing itself.")
        while self._maxsize and self.qsize() >= self._maxsize:
            time.sleep(_FULL_NAP)
        self._counts[0] += 1
        self._inlet.sendall(message)

    def get(self) -> Any:
        # Asking first and reading without waiting: whoever else was woken for the same item, or
        # was killed while waking up, cannot leave us asleep beside it.
        waiting = select.poll()
        waiting.register(self._outlet, select.POLLIN)
        while True:
            waiting.poll()
            with contextlib.suppress(BlockingIOError):
                message = self._outlet.recv(HEAVIEST, socket.MSG_DONTWAIT)
                break
        self._counts[1] += 1
        return pickle.loads(message)  # noqa: S301 (from our own forks, by a socket without a name)

    def empty(self) -> bool:
        return not select.select([self._outlet], [], [], 0)[0]

    def qsize(self) -> int:
        if self.empty():
            self._counts[1] = self._counts[0]
        return max(0, self._counts[0] - self._counts[1])

    def close(self) -> None:
        """Nothing to do: the socket goes with the last process that knows it."""

    def join_thread(self) -> None:
        """Nothing to wait for: `put` returns when the item is in the queue."""


class RecordLock:
    """A lock between processes that the kernel drops when its holder dies (POSIX record lock).

    Re-entrant, for one thread of each process.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("lock")
        self._holder, self._depth = 0, 0
        weakref.finalize(self, os.close, self._file)

    def __enter__(self) -> "RecordLock":
        if self._holder != os.getpid():  # a fork remembers what its parent held
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            self._holder, self._depth = os.getpid(), 0
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._holder = 0
            fcntl.lockf(self._file, fcntl.LOCK_UN)


class Value:
    """Stands in for `multiprocessing.Value`, for the timer each worker shares with the guard.

    A worker killed between two tasks would take the stock one's lock along, and the guard, which
    waits for it, would never look after any process again.
    """

    def __init__(self, typecode: str, initial: float) -> None:
        self._lock = RecordLock()
        self._cell = RawValue(typecode, initial)

    @property
    def value(self) -> float:
        return float(self._cell.value)

    @value.setter
    def value(self, value: float) -> None:
        with self._lock:
            self._cell.value = value

    def get_lock(self) -> RecordLock:
        return self._lock
