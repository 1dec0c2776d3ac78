"""Several hosts on one machine: each has its own name, its own processes and its own network.

Where the machine allows (root, network and other namespaces) a host reaches the database over a
cable of its own, so it can be told apart, killed whole and cut off. Elsewhere a host is an ordinary
process group with nothing of its own; `kind` says which it was.
"""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tests.house import ROOT, House
from tests.processes import family

APART = "namespaces"
TOGETHER = "process groups"
_AS_HOST = 'hostname "$0"; exec "$@"'


@cache
def kind() -> str:
    """What a host can be here."""
    with suppress(OSError, subprocess.CalledProcessError), _network(99):
        _run("unshare", "--uts", "--pid", "--fork", "--mount-proc", "true")
        return APART
    return TOGETHER


@dataclass
class Host:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def runworker(self) -> int:
        """Seen from here."""
        if kind() == TOGETHER:
            return self.process.pid
        return (family.children(self.process.pid) or [self.process.pid])[0]

    def is_complete(self) -> bool:
        """Two clusters, each with guard, monitor and pusher; one worker here, two there."""
        return len(family.descendants(self.runworker)) >= 11

    def dies(self) -> None:
        """All of its processes at once."""
        for process in [*family.descendants(self.process.pid), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    def turns(self) -> list[int]:
        """How many rows each of its pumps handled."""
        found = re.findall(r"pump\.pump\(\d+\): (\d+) rows", self.log.read_text())
        return [int(rows) for rows in found]


@dataclass
class Rack:
    """The hosts of one house."""

    house: House
    folder: Path
    hosts: list[Host] = field(default_factory=list)

    @contextmanager
    def host(self) -> Iterator[Host]:
        """One more, whose `runworker` works until the end of the block."""
        number = len(self.hosts) + 1
        name = f"host-{number}"
        with _network(number) as address:
            url = self.house.database_url
            words = [sys.executable, "manage.py", "runworker"]
            if address:
                with _cable(address, url) as url:
                    words = [
                        *("ip", "netns", "exec", _space(number)),
                        *("unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"),
                        *("sh", "-c", _AS_HOST, name, *words),
                    ]
                    yield from self._works(name, words, url)
            else:
                yield from self._works(name, words, url)

    def _works(self, name: str, words: list[str], url: str) -> Iterator[Host]:
        log = self.folder / f"{name}.log"
        # DEBUG=0: else the log would hold every statement.
        ours = {"DATABASE_URL": url, "DEBUG": "0", "ALLOWED_HOSTS": name, "LOG_LEVEL": "DEBUG"}
        ours["WORKERS"] = "1"  # one each is enough to share
        with log.open("wb") as output:
            process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=self.house.environment | ours,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        host = Host(name, log, process)
        self.hosts.append(host)
        try:
            yield host
        finally:
            host.dies()


# --- Networks -------------------------------------------------------------------------------------


def _space(number: int) -> str:
    return f"{_RUN}{number}"


_RUN = f"rg{secrets.token_hex(2)}"  # names of interfaces have at most 15 letters


@contextmanager
def _network(number: int) -> Iterator[str]:
    """A network of its own with a cable to here; the address of our end, or nothing where the
    machine does not allow it."""
    if number != 99 and kind() == TOGETHER:
        yield ""
        return
    space = _space(number)
    here, there = f"{space}a", f"{space}b"
    us, them = f"10.213.{number}.1", f"10.213.{number}.2"
    inside = ("ip", "netns", "exec", space, "ip")
    _run("ip", "netns", "add", space)
    try:
        _run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", space)
        _run("ip", "addr", "add", f"{us}/30", "dev", here)
        _run("ip", "link", "set", here, "up")
        _run(*inside, "addr", "add", f"{them}/30", "dev", there)
        _run(*inside, "link", "set", there, "up")
        _run(*inside, "link", "set", "lo", "up")
        yield us
    finally:
        _run("ip", "netns", "del", space)


@contextmanager
def _cable(address: str, url: str) -> Iterator[str]:
    """The database, which answers on loopback only, at an address that one host can reach."""
    parts = urlsplit(url)
    with socket.create_server((address, 0)) as end:
        port = end.getsockname()[1]
        threading.Thread(target=_connect, args=(end, parts.port), daemon=True).start()
        login = parts.netloc.rpartition("@")[0]
        yield parts._replace(netloc=f"{login}@{address}:{port}").geturl()
        end.shutdown(socket.SHUT_RDWR)


def _connect(end: socket.socket, port: int) -> None:
    with suppress(OSError):
        while True:
            caller, _address = end.accept()
            threading.Thread(target=_talk, args=(caller, port), daemon=True).start()


def _talk(caller: socket.socket, port: int) -> None:
    with caller, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_carry, args=(server, caller), daemon=True)
        back.start()
        _carry(caller, server)
        back.join()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
