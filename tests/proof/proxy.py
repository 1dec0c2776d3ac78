"""Stands between us and PostgreSQL, and on request keeps the answer to a COMMIT to itself.

The server has committed; whoever asked sees the connection end and cannot know.
"""

import contextlib
import mmap
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # as a simple query; libpq sends it whole
_SWITCH, _DROPPED = 0, 1


class Proxy:
    """`hold_back` makes it swallow the next COMMIT's answer; `dropped` are so many by now."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self.server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self._shared = memoryview(mmap.mmap(-1, 16)).cast("Q")  # with the process that serves

    def hold_back(self) -> None:
        self._shared[_SWITCH] = 1

    @property
    def dropped(self) -> int:
        return self._shared[_DROPPED]

    @contextlib.contextmanager
    def serving(self) -> Iterator["Proxy"]:
        """In a process of its own, until the block ends."""
        child = os.fork()
        if not child:
            try:
                self._serve()
            finally:  # nothing of the parent's is this process's to tidy up
                os._exit(1)
        self.listener.close()
        try:
            yield self
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _serve(self) -> None:
        while True:
            client, _address = self.listener.accept()
            talk = _Talk(client, socket.create_connection(self.server), self._shared)
            for work in (talk.asks, talk.answers):
                threading.Thread(target=work, daemon=True).start()


@dataclass
class _Talk:
    client: socket.socket
    server: socket.socket
    shared: "memoryview[int]"
    is_muted: bool = False
    is_over: bool = False

    def asks(self) -> None:
        with contextlib.suppress(OSError):
            while asked := self.client.recv(65_536):
                if COMMIT in asked and self.shared[_SWITCH]:
                    self.shared[_SWITCH] = 0
                    self.is_muted = True
                self.server.sendall(asked)
        self.ends()

    def answers(self) -> None:
        """An answer to COMMIT says that it is done; it goes no further."""
        with contextlib.suppress(OSError):
            while answer := self.server.recv(65_536):
                if self.is_muted:
                    self.shared[_DROPPED] += 1
                    break
                self.client.sendall(answer)
        self.ends()

    def ends(self) -> None:
        """The first of the two wakes the other one, which closes."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            if self.is_over:
                end.close()
        self.is_over = True
