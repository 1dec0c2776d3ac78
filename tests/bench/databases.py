"""The one PostgreSQL that everybody is measured on, and a database on it for each."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

MEMORY_MB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
# As docs/scaling.md advises where a million wait (a quarter of the memory: PostgreSQL's manual,
# 19.4); the defaults are for a machine of the nineties. The same for everybody who is measured.
SETTINGS = {
    "shared_buffers": f"{MEMORY_MB // 4}MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "15min",
}

SHOWN = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "work_mem",
    "max_wal_size",
    "checkpoint_timeout",
    "autovacuum",
    "max_connections",
)


@dataclass(frozen=True, slots=True)
class Server:
    url: str

    def database(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def create(self, name: str, template: str = "template1") -> str:
        """A new database in place of one of that name; its URL."""
        self.drop(name)
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self._run(statement, name, template)
        return self.database(name)

    def drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def settle(self) -> None:
        """Write out what set-up has changed, so that no run pays for it."""
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute("CHECKPOINT")

    def process(self) -> int:
        """The process all of the server's others descend from."""
        with psycopg.connect(self.url) as session:
            backend = session.info.backend_pid
            stat = Path(f"/proc/{backend}/stat").read_text()
            return int(stat.rpartition(")")[2].split()[1])

    def version(self) -> str:
        with psycopg.connect(self.url) as session:
            return str(session.info.parameter_status("server_version"))

    def settings(self) -> dict[str, str]:
        with psycopg.connect(self.url) as session:
            found = session.execute(
                "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
                [list(SHOWN)],
            )
            by_name: dict[str, str] = dict(found.fetchall())
            return {name: by_name[name] for name in SHOWN}
