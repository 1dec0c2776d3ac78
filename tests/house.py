"""A house of its own for tests that start real processes: its database, its keys, its commands."""

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
STOPS_WITHIN = 25  # seconds; runworker promises 20


@dataclass
class House:
    """Commands run here see only this house's settings, not the ones of the test run."""

    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        ours = {"DEBUG", "REGULARS_KEYS", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_BASE_URL"}
        outside = {name: value for name, value in os.environ.items() if name not in ours}
        return outside | {"DATABASE_URL": self.database_url} | self.settings

    def manage(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return self.python("manage.py", *words, check=check)

    def python(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a script or a module (`-m name`) of ours to its end."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")
        return done

    def does(self, function: Callable[[], None]) -> None:
        """Run a function of ours there, in a process of its own."""
        name = f"{function.__module__}.{function.__name__}"
        self.manage("shell", "--command", f"import {function.__module__}; {name}()")

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a management command in a process group of its own; it is stopped with the test."""
        return self.launch("manage.py", *words)

    def launch(self, *words: str) -> subprocess.Popen[str]:
        """The same with any script, or a module (`-m name`)."""
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Rows of a query in SQL that both databases understand."""
        if self.database_url.startswith("sqlite"):
            file = self.database_url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as reader:
                return reader.execute(question).fetchall()
        with psycopg.connect(self.database_url) as reader:
            return reader.execute(question.encode()).fetchall()

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOPS_WITHIN)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


@pytest.fixture
def empty_house(tmp_path: Path) -> Iterator[House]:
    """A house without a table yet, on the kind of database this run is about: a file, or a database
    of the server's."""
    with _database(tmp_path) as url:
        encryption_key = Fernet.generate_key().decode()
        house = House(url, {"SECRET_KEY": secrets.token_hex(32), "REGULARS_KEYS": encryption_key})
        try:
            yield house
        finally:
            house.stop()


@pytest.fixture
def house(empty_house: House) -> House:
    """A migrated house."""
    empty_house.manage("migrate", "--verbosity=0")
    return empty_house


class _database:  # noqa: N801 (reads as a verb where it is used)
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("DATABASE_URL", "")
        self.name = f"house_{secrets.token_hex(6)}"

    def __enter__(self) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.folder / 'house.sqlite3'}"
        self._run("CREATE DATABASE {}")
        return urlsplit(self.server)._replace(path=f"/{self.name}").geturl()

    def __exit__(self, *_: object) -> None:
        if connection.vendor == "postgresql":
            self._run("DROP DATABASE {} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
