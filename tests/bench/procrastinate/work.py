"""procrastinate: jobs that do nothing, by an asynchronous worker with as many at once as asked.

Run by the benchmark in an environment of its own:
work.py prepare|run DATABASE_URL TALLY N CONCURRENCY NAME
"""

import asyncio
import os
import sys

from procrastinate import App, PsycopgConnector  # type: ignore[import-not-found]

MODE, URL, TALLY, N, CONCURRENCY, NAME = sys.argv[1:]
AT_ONCE = 500

app = App(connector=PsycopgConnector(conninfo=URL))
file = os.open(TALLY, os.O_WRONLY | os.O_APPEND)


@app.task(name="no_op")
async def no_op(number: int) -> None:
    os.write(file, b".")


async def prepare() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, int(N), AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, int(N)))
            await no_op.batch_defer_async(*({"number": number} for number in numbers))


async def run() -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=int(CONCURRENCY), wait=False, name=NAME, install_signal_handlers=False
        )


asyncio.run(prepare() if MODE == "prepare" else run())
