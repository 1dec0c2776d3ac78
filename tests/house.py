"""A house of its own for tests that start real processes: its database, its keys, its commands."""

import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
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
    with _database(tmp_path) as url, _built(url) as house:
        yield house


@pytest.fixture
def house(tmp_path: Path, _show_house: House) -> Iterator[House]:
    """A migrated house."""
    with _database(tmp_path, like=_show_house.database_url) as url, _built(url) as house:
        yield house


@pytest.fixture(scope="session")
def _show_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Migrated, and then nobody's: copying it is quicker than migrating each."""
    with _database(tmp_path_factory.mktemp("show_house")) as url, _built(url) as house:
        house.manage("migrate", "--verbosity=0")
        yield house


@contextmanager
def _built(url: str) -> Iterator[House]:
    encryption_key = Fernet.generate_key().decode()
    house = House(url, {"SECRET_KEY": secrets.token_hex(32), "REGULARS_KEYS": encryption_key})
    try:
        yield house
    finally:
        house.stop()


@contextmanager
def _database(folder: Path, *, like: str = "") -> Iterator[str]:
    """A new one's URL: empty, or a copy of the one with that URL, in which nobody may be."""
    if connection.vendor == "sqlite":
        file = folder / "house.sqlite3"
        if like:
            shutil.copyfile(like.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    server = os.environ["DATABASE_URL"]
    name = f"house_{secrets.token_hex(6)}"
    template = sql.Identifier(urlsplit(like).path[1:] or "template1")
    with psycopg.connect(server, autocommit=True) as master:
        master.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template)
        )
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as master:
            master.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
