"""What this PostgreSQL can do at most, without a framework: psycopg and nothing else."""

import os
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context

import psycopg

from tests.bench.databases import Server
from tests.bench.machine import Moment
from tests.bench.meter import Row, Run, Tally, beat, between, measure, tally
from tests.bench.sizes import Sizes

ROWS = 1_000  # in one COPY
BATCH = 200  # in one claim

TABLE = """
    CREATE TABLE IF NOT EXISTS thing (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        shard smallint NOT NULL, due_at timestamptz, note text NOT NULL)"""
CLAIM = """
    SELECT id FROM parked WHERE shard = %s AND due_at <= now()
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED"""
PARK = """
    UPDATE parked SET due_at = u.due_at, moves = moves + 1
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, due_at) WHERE parked.id = u.id"""


def rows(server: Server, sizes: Sizes) -> Iterator[Row]:
    url = server.create("bench_raw")
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(TABLE)
    postmaster = server.process()
    for connections in (1, 8):
        row = Row("raw", f"insert {connections}", _inserts_by(connections), "rows/s")
        row.runs = [_insert(url, connections, sizes, postmaster) for _ in range(sizes.runs)]
        yield row
    copied = Row("raw", "copy", "COPY of 1,000 rows per commit, 1 connection", "rows/s")
    copied.runs = [_alone(_copier(url), sizes, postmaster) for _ in range(sizes.runs)]
    yield copied
    waiting = max(*sizes.waiting, 200_000)
    _park_some(url, waiting)
    server.settle()
    claimed = Row("raw", "claim", f"claim and park {BATCH} of {waiting:,} waiting rows", "rows/s")
    claimed.runs = [_alone(_claimer(url), sizes, postmaster) for _ in range(sizes.runs)]
    yield claimed
    server.drop("bench_raw")


def _inserts_by(connections: int) -> str:
    who = "1 connection" if connections == 1 else f"{connections} connections"
    return f"INSERT of 1 row per commit, {who}"


def _insert(url: str, connections: int, sizes: Sizes, postmaster: int) -> Run:
    each = sizes.inserts // connections if connections == 1 else sizes.inserts * 3 // connections
    with tally() as count:
        workers = [
            get_context("fork").Process(target=_insert_many, args=(url, each, count))
            for _ in range(connections)
        ]
        for worker in workers:
            worker.start()
        pids = [worker.pid or 0 for worker in workers]
        run = measure(count, each * connections, app=pids, server=postmaster)
        for worker in workers:
            worker.join()
    return run


def _insert_many(url: str, n: int, count: Tally) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        for number in range(n):
            session.execute(
                "INSERT INTO thing (shard, due_at, note) VALUES (%s, now(), %s)",
                [number % 16, f"note {number}"],
            )
            beat(str(count.path))


def _alone(work: Callable[[], int], sizes: Sizes, postmaster: int) -> Run:
    """Again and again in this process, for some seconds; the first time is for warming up."""
    work()
    before, units = Moment.now([], postmaster), 0
    while time.monotonic() - before.clock < sizes.seconds:
        units += work()
    after = Moment.now([], postmaster)
    run = between(before, after, units)
    return Run(run.value, 1000 * (after.bench - before.bench) / units, run.server_ms, run.others)


def _copier(url: str) -> Callable[[], int]:
    session = psycopg.connect(url)

    def copy() -> int:
        columns = "COPY thing (shard, due_at, note) FROM STDIN"
        with session.cursor() as cursor, cursor.copy(columns) as into:
            for number in range(ROWS):
                into.write_row((number % 16, "2026-01-01", f"note {number}"))
        session.commit()
        return ROWS

    return copy


def _park_some(url: str, waiting: int) -> None:
    """A table of waiting rows, of which a third is due: more than the runs can claim."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("DROP TABLE IF EXISTS parked")
        session.execute(
            """CREATE TABLE parked AS
               SELECT n AS id, (n %% 16)::smallint AS shard, 0 AS moves,
                      now() + make_interval(secs => CASE WHEN n %% 3 = 0 THEN -n ELSE n + 9000 END)
                        AS due_at,
                      repeat('x', 100) AS note
               FROM generate_series(1, %s) AS n""",
            [waiting],
        )
        session.execute("ALTER TABLE parked ADD PRIMARY KEY (id)")
        session.execute("CREATE INDEX ON parked (shard, due_at)")
        session.execute("ANALYZE parked")


def _claimer(url: str) -> Callable[[], int]:
    session = psycopg.connect(url)
    turn = os.getpid()

    def claim() -> int:
        nonlocal turn
        turn += 1
        with session.cursor() as cursor:
            cursor.execute(CLAIM, [turn % 16, BATCH])
            claimed = [row[0] for row in cursor.fetchall()]
            cursor.execute(PARK, [claimed, ["2036-01-01 00:00+00"] * len(claimed)])
        session.commit()
        return len(claimed)

    return claim
