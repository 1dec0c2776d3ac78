"""`python -m tests.proof.soak --database sqlite --kills 200 --minutes 10`: a real worker, killed.

Customers begin journeys all the time while processes of the worker are killed every 1 to 4 seconds
(with `--restarts` PostgreSQL as well, every 4 to 16). In the end each journey must have had each
effect once. Says what was lost, what was doubled, how long nothing was committed though something
was due, and how soon after a restart something was. Exit code 1: not as promised.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.house import House
from tests.proof import stage
from tests.proof.__main__ import move_in

HANDED_DOWN = ("SECRET_KEY", "REGULARS_KEYS", "DEBUG", "ALLOWED_HOSTS", "PUBLIC_BASE_URL")


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.soak")
    parser.add_argument("--database", choices=["sqlite", "postgres"], required=True)
    parser.add_argument("--kills", type=int, default=200, help="at least so many")
    parser.add_argument("--minutes", type=float, default=10.0, help="at least so long")
    parser.add_argument("--a-second", type=int, default=20, help="journeys that begin")
    parser.add_argument("--restarts", action="store_true", help="of PostgreSQL, too")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--log", default="CRITICAL", help="what the worker says (LOG_LEVEL)")
    parser.add_argument("--json", type=Path, help="where to write what came of it")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    with (
        stage.stage(asked.database, durable=True) as place,
        tempfile.NamedTemporaryFile(prefix="regulars-mailbag-") as bag,
    ):
        move_in(place, Path(bag.name))
        from tests.proof import hours  # noqa: PLC0415 (needs the settings)

        ours = {name: os.environ[name] for name in HANDED_DOWN} | {"LOG_LEVEL": asked.log}
        house = House(place.url, ours)
        try:
            outcome = hours.pass_by(house, asked)
        finally:
            house.stop()
    said = json.dumps(asdict(outcome), indent=2)
    sys.stdout.write(f"{said}\n")
    if asked.json:
        asked.json.write_text(f"{said}\n")
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
