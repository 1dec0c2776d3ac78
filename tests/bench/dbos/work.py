"""DBOS Transact: workflows of three steps that do nothing, in as many threads as asked.

Run by the benchmark in an environment of its own:
work.py prepare|run DATABASE_URL TALLY N THREADS NAME
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS  # type: ignore[import-not-found]

MODE, URL, TALLY, N, THREADS, NAME = sys.argv[1:]

DBOS(
    config={
        "name": "bench",
        "system_database_url": URL.replace("postgres://", "postgresql+psycopg://", 1),
        "log_level": "ERROR",
        "executor_id": NAME,
    }
)
file = os.open(TALLY, os.O_WRONLY | os.O_APPEND)


@DBOS.step()
def step(number: int) -> int:
    return number + 1


@DBOS.workflow()
def workflow(number: int) -> int:
    return int(step(step(step(number))))


def once(number: int) -> None:
    workflow(number)
    os.write(file, b".")


DBOS.launch()
if MODE == "run":
    with ThreadPoolExecutor(int(THREADS)) as pool:
        list(pool.map(once, range(int(N))))
DBOS.destroy()
