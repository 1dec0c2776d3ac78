"""The two databases we run on, each with the options that were measured to be right for it."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"

# IMMEDIATE: with Django's default (DEFERRED) most concurrent redemptions failed with "database is
# locked", because a reader that wants to write cannot wait. FULL survives a power cut, and cost
# nothing that could be measured.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA busy_timeout=30000; PRAGMA journal_mode=WAL; "
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    ),
}

# No statement, lock or forgotten transaction holds others up for ever. The keepalives are told to
# both ends: the server must notice a lost host too, or its row locks stay.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": (
        "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s "
        "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    ),
}


def embedded(file: Path) -> dict[str, Any]:
    """The database that needs no server: one file."""
    return {"ENGINE": SQLITE, "NAME": str(file)}


def tuned(database: dict[str, Any], base: Path) -> dict[str, Any]:
    """`database` with our options; what its URL asked for wins. Relative files start at `base`."""
    name, given = database["NAME"], database.get("OPTIONS", {})
    match database["ENGINE"]:
        case engine if engine == SQLITE:
            if name != ":memory:":
                file = base / name
                file.parent.mkdir(parents=True, exist_ok=True)
                name = str(file)
            options = SQLITE_OPTIONS | given
        case engine if engine == POSTGRESQL:
            options = POSTGRESQL_OPTIONS | given
        case _:
            raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    return database | {
        "NAME": name,
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,  # a verb is the transaction; views never open one
    }
