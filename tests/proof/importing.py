"""`python -m tests.proof.importing`: 100,000 customers with cards, from a file, killed on the way.

Two workers of the product, as in production, on PostgreSQL (or SQLite). In the middle the whole
group is killed (SIGKILL) and the supervisor starts it again. Prints how long it took from the
upload to the end, and fails unless each customer, card and balance is there once.
"""

import argparse
import csv
import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from tests import postgres
from tests.bench import databases
from tests.house import House
from tests.processes import family

PEOPLE = 100_000
POINTS = 7
WITHIN = 600  # seconds
SETTINGS = {
    "DEBUG": "0",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECRET_KEY": "proof-" + "0123456789abcdef" * 4,
    "PUBLIC_BASE_URL": "https://shop.example.com",
    "LOG_LEVEL": "ERROR",
}

EACH_ONCE = {
    "customers": "SELECT count(*) FROM loyalty_customer",
    "addresses": "SELECT count(DISTINCT email) FROM loyalty_customer",
    "cards": "SELECT count(*) FROM loyalty_card",
    "holders": "SELECT count(DISTINCT customer_id) FROM loyalty_card",
    "openings": "SELECT count(*) FROM loyalty_operation WHERE kind = 'accrue'",
    "balances": f"SELECT count(*) FROM loyalty_account WHERE balance = {POINTS}",  # noqa: S608
    "silent": "SELECT count(*) FROM loyalty_event WHERE name = 'card_issued' "
    "AND entered_at IS NOT NULL",
}


def file_of(people: int) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["Email", "Phone", "First name", "Last name", "Birthday", "Points"])
    for n in range(people):
        day = f"{1 + n % 28:02}.{1 + n % 12:02}.{1950 + n % 50}"
        rows.writerow([f"c{n}@example.com", f"079{n:07}", f"Name{n}", f"Of the {n}th", day, POINTS])
    return text.getvalue()


@contextmanager
def house(database: str, folder: Path) -> Iterator[House]:
    """A shop in Zürich whose only program is points."""
    key = Fernet.generate_key().decode()
    with _url(database, folder) as url:
        made = House(url, SETTINGS | {"REGULARS_KEYS": key})
        made.manage("migrate", "--verbosity=0")
        open_shop(made)
        try:
            yield made
        finally:
            made.stop()


def open_shop(made: House) -> None:
    made.manage(
        "shell",
        "--verbosity=0",
        "--command",
        "from loyalty.models import Business; from loyalty.programs.reward import *;"
        "Business.objects.create(pk=1, time_zone='Europe/Zurich', currency='CHF');"
        "RewardProgram.objects.create(slug='points', name='Points')",
    )


@contextmanager
def _url(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'house.sqlite3'}"
        return
    with postgres.server(durable=True, settings=databases.SETTINGS) as server:
        yield databases.Server(server).create("imports")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.importing", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="postgres")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--unharmed", action="store_true", help="nobody is killed")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder, house(asked.database, Path(folder)) as shop:
        file = Path(folder) / "people.csv"
        file.write_text(file_of(asked.people))
        took = _import(shop, file, asked.people, kills=not asked.unharmed)
        found = {what: shop.ask(question)[0][0] for what, question in EACH_ONCE.items()}
        is_clean = shop.manage("ledger_audit", check=False).returncode == 0
    rate = asked.people / took
    _say(f"{asked.people:,} customers with cards on {asked.database}: {took:.1f} s, {rate:,.0f}/s")
    _say(f"each once: {found}, ledger {'clean' if is_clean else 'BROKEN'}")
    return 0 if is_clean and set(found.values()) == {asked.people} else 1


def _import(shop: House, file: Path, people: int, *, kills: bool) -> float:
    worker = shop.start("runworker")
    family.wait_until(lambda: len(family.descendants(worker.pid)) > 3, "it works", within=60)
    began = time.monotonic()
    words = ["import_customers", str(file), "--program", "points", "--trigger", "none"]
    shop.manage(*words, "--later")
    if kills:
        family.wait_until(lambda: done(shop) > people // 2, "it is half done", within=WITHIN)
        _say(f"killed at {done(shop):,} lines, after {time.monotonic() - began:.1f} s")
        os.killpg(family.children(worker.pid)[0], signal.SIGKILL)
    family.wait_until(lambda: state(shop) == "finished", "it is finished", within=WITHIN)
    return time.monotonic() - began


def done(shop: House) -> int:
    return int(shop.ask("SELECT done FROM loyalty_import")[0][0])


def state(shop: House) -> str:
    return str(shop.ask("SELECT state FROM loyalty_import")[0][0])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
