"""The stage: which database, no network, which browser. The people are in tests/cast.py."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loyalty.migrations import _rows_stay
from tests import browsers

HERE = Path(__file__).parent

pytest_plugins = [
    f"tests.{name}" for name in ("cast", "house", "audited") if (HERE / f"{name}.py").exists()
]

# Playwright's own event loop runs in the test's thread, and Django takes that for async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_configure() -> None:
    """A run that is told to stop puts away what its tests started, as with Ctrl-C."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionstart() -> None:
    """A run that was to test PostgreSQL must not pass on anything else."""
    from django.db import connection  # noqa: PLC0415 (settings are not ready at import time)

    expected = os.environ.get("EXPECTED_DATABASE", connection.vendor)
    if connection.vendor != expected:
        pytest.exit(f"This run needs {expected} and has {connection.vendor}.", returncode=1)


@pytest.fixture(scope="session", autouse=True)
def _no_name_is_looked_up_outside() -> Any:
    """pytest-socket refuses connections beyond loopback; this refuses the question before them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _only_here(socket.getaddrinfo))
        yield


def _only_here(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def answer(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in {None, "", "localhost", socket.gethostname()} or _is_an_address(str(name)):
            return look_up(host, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, f"Tests look up no names, and not {name}.")

    return answer


def _is_an_address(name: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name.partition("%")[0])
        except OSError:
            continue
        return True
    return False


# --- Database -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Any:
    """SQLite empties tables by DELETE, which the ledger's triggers refuse: tests that commit do
    without those (PostgreSQL truncates). The test of the triggers puts them back for itself.

    PostgreSQL drops no database that somebody talks to. While Playwright's loop runs in this
    thread, Django keeps another connection (asgiref's Local), which is out of reach afterwards.
    """
    from django.db import connection  # noqa: PLC0415 (settings are not ready at import time)

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for name, _table, verb in _rows_stay.rules():
                if verb == "DELETE":
                    cursor.execute(f"DROP TRIGGER {name}")
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _plans_are_forgotten() -> Any:
    """Published versions never change, so a process keeps them; a test's rollback undoes that."""
    yield
    plans = sys.modules.get("automations.engine.plans")
    if plans is not None:
        plans.plan_of.cache_clear()
        plans.listeners.cache_clear()


# --- Browser --------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and browsers.found() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(browsers.NONE_FOUND)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": browsers.found(), "args": browsers.QUIET}
