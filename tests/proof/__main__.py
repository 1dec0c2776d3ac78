"""`python -m tests.proof --database sqlite --all`: a process is killed wherever one can die.

    --all                     every point, one after the other
    --random 1000 --seed 7    that many trials with one to six deaths each
    --seed 4711 --crashes 3,88,120    one trial once more, as a failing one says it
    --silences 200            so many answers to COMMIT are lost on the way (PostgreSQL)
    --all-silences            every such answer, one after the other
    --lost 12:3,4             a trial of those once more: act, and its COMMITs
    --plant                   breaks the product on purpose, and fails unless each bug is caught

docs/proof.md says what is proven. Exit code 1: something was lost, doubled or stuck.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import django
from cryptography.fernet import Fernet
from django.core.management import call_command

from tests.proof import stage


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("--database", choices=["sqlite", "postgres"], required=True)
    parser.add_argument("--server", default="", help="URL of a PostgreSQL (default: a new one)")
    parser.add_argument("--all", action="store_true", help="every point")
    parser.add_argument("--every", type=int, default=1, help="only each n-th of them")
    parser.add_argument("--random", type=int, default=0, help="how many random trials")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--crashes", default="", help="points, separated by commas")
    parser.add_argument("--silences", type=int, default=0, help="how many COMMITs go unanswered")
    parser.add_argument("--all-silences", action="store_true", help="each COMMIT goes unanswered")
    parser.add_argument("--lost", default="", help="an act, a colon, and its COMMITs")
    parser.add_argument("--plant", action="store_true", help="show that bugs are caught")
    asked = parser.parse_args(words)
    if asked.database == "sqlite" and (asked.silences or asked.all_silences or asked.lost):
        parser.error("SQLite has no server whose answer could be lost.")
    return asked


def move_in(place: stage.Stage, mailbag: Path) -> None:
    """This process becomes the product, with the settings of production and a database of ours."""
    os.environ |= {
        "DATABASE_URL": place.url,
        "DEBUG": "0",
        "LOG_LEVEL": "CRITICAL",
        "SECRET_KEY": secrets.token_hex(32),
        "REGULARS_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_BASE_URL": "http://127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PROOF_MAILBAG": str(mailbag),
    }
    django.setup()
    call_command("migrate", verbosity=0)


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    with (
        stage.stage(asked.database, asked.server) as place,
        tempfile.NamedTemporaryFile(prefix="regulars-mailbag-") as mailbag,
    ):
        move_in(place, Path(mailbag.name))
        from tests.proof import evening  # noqa: PLC0415 (needs the settings)

        return evening.run(asked, place)


if __name__ == "__main__":
    if "PYTHONHASHSEED" not in os.environ:  # or sets would come in another order each time
        os.execve(  # noqa: S606 (this very command)
            sys.executable,
            [sys.executable, "-m", "tests.proof", *sys.argv[1:]],
            os.environ | {"PYTHONHASHSEED": "0"},
        )
    sys.exit(main(sys.argv[1:]))
