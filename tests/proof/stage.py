"""Where the scenario plays: a database that is put back to how it was within milliseconds.

`OnSQLite` copies a file, `OnPostgreSQL` empties and refills the tables of a database of its own.
Neither needs Django, so a stage stands before the settings are read.
"""

import contextlib
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests import postgres

IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a power cut is not what is tested here)
TIDY_EVERY = 100  # restores; every one of them leaves dead rows behind


class Stage(Protocol):
    name: str
    url: str

    def keep(self, number: int) -> None:
        """What is there now is kept under that number."""

    def restore(self, number: int) -> None:
        """As it was kept. Whoever died in the middle of something is waited for."""


@contextlib.contextmanager
def stage(database: str, server: str = "", *, durable: bool = False) -> Iterator[Stage]:
    """An empty one for "sqlite" or "postgres"; on the `server` of that URL, or a new one."""
    if database == "sqlite":
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        with tempfile.TemporaryDirectory(prefix="regulars-proof-", dir=where) as folder:
            yield OnSQLite(Path(folder))
        return
    with contextlib.ExitStack() as stack:
        url = server or stack.enter_context(postgres.server(durable=durable))
        yield stack.enter_context(_database(url))


class OnSQLite:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "proof.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def keep(self, number: int) -> None:
        with contextlib.closing(sqlite3.connect(self.file)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.file, self._kept(number))

    def restore(self, number: int) -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self._kept(number), self.file)

    def _kept(self, number: int) -> Path:
        return self.file.with_name(f"kept-{number}.sqlite3")


@contextlib.contextmanager
def _database(server: str) -> Iterator["OnPostgreSQL"]:
    name = sql.Identifier(f"proof_{secrets.token_hex(6)}")
    with psycopg.connect(server, autocommit=True) as master:
        master.execute(sql.SQL("CREATE DATABASE {}").format(name))
    try:
        url = urlsplit(server)._replace(path=f"/{name.as_string()[1:-1]}").geturl()
        with contextlib.closing(OnPostgreSQL(url)) as place:
            yield place
    finally:  # a new connection: the server may have been restarted meanwhile
        with psycopg.connect(server, autocommit=True) as master:
            master.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


class OnPostgreSQL:
    """Not `CREATE DATABASE … TEMPLATE`: that copies a thousand files, and takes thirty times as
    long as these few rows."""

    name = "postgres"

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        self.kept: dict[int, sql.Composed] = {}
        self.restores = 0

    def keep(self, number: int) -> None:
        schema = sql.Identifier(f"kept_{number}")
        self.connection.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE; CREATE SCHEMA {}").format(schema, schema)
        )
        # No triggers and no checks: the rows were all right once.
        steps: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
        for (name,) in self._ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            table = sql.Identifier(name)
            steps.append(sql.SQL("DELETE FROM public.{}").format(table))
            if self._ask(sql.SQL("SELECT 1 FROM public.{} LIMIT 1").format(table)):
                copy = sql.SQL("{}.{}").format(schema, table)
                self.connection.execute(
                    sql.SQL("CREATE TABLE {} AS TABLE public.{}").format(copy, table)
                )
                steps.append(sql.SQL("INSERT INTO public.{} TABLE {}").format(table, copy))
        for name, last in self._ask(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        ):
            steps.append(
                sql.SQL("SELECT setval({}, {}, {})").format(
                    f'public."{name}"', last or 1, last is not None
                )
            )
        self.kept[number] = sql.SQL("; ").join(steps)

    def restore(self, number: int) -> None:
        with self.connection.transaction():
            self.connection.execute(self.kept[number])
        self.restores += 1
        if self.restores % TIDY_EVERY == 0:
            self.connection.execute("VACUUM")

    def close(self) -> None:
        self.connection.close()

    def _ask(self, question: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(question).fetchall()
