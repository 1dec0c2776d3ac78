"""Other people's engines on the same PostgreSQL, each in a throw-away environment of its own."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import houses
from tests.bench.databases import Server
from tests.bench.meter import Row, Run, StandsStillError, Tally, measure, tally
from tests.bench.sizes import Sizes
from tests.house import ROOT

HERE = Path(__file__).parent
ENVIRONMENTS = ROOT / "data" / "bench"


@dataclass(frozen=True, slots=True)
class Peer:
    """`folder` has its pinned requirements and `work.py`; `n` names the field of `Sizes`."""

    folder: str
    what: str
    unit: str
    steps: int
    n: str
    processes: int
    threads: int


PEERS = (
    Peer("dbos", "DBOS Transact: workflows of 3 steps, 2 processes × 4 threads",
         "workflows/s", 3, "workflows", 2, 4),
    Peer("procrastinate", "procrastinate: no-op jobs, 2 workers × concurrency 10",
         "jobs/s", 1, "jobs", 2, 10),
    Peer("viewflow", "django-viewflow: flows of start, 3 functions and end, 2 processes",
         "flows/s", 3, "flows", 2, 1),
)  # fmt: skip


def rows(server: Server, sizes: Sizes) -> Iterator[Row]:
    yield _no_ops(server, sizes)
    for peer in PEERS:
        row = Row("peers", peer.folder, peer.what, peer.unit, steps=peer.steps)
        try:
            python = _install(peer)
        except subprocess.CalledProcessError as failed:
            last = (failed.stderr or failed.stdout or "").strip().splitlines()[-1:]
            row.note = f"could not be installed: {' '.join(last)}"
        else:
            row.note = _version(peer)
            _run_all(server, peer, python, sizes, row)
        yield row


def _run_all(server: Server, peer: Peer, python: str, sizes: Sizes, row: Row) -> None:
    """One that cannot be run leaves the rest, and its row says so."""
    try:
        for _ in range(sizes.runs):
            row.runs.append(_run(server, peer, python, sizes))
    except (subprocess.SubprocessError, StandsStillError) as failed:
        row.runs = []
        row.note += f": could not be run ({type(failed).__name__})"


def _version(peer: Peer) -> str:
    return (HERE / peer.folder / "requirements.txt").read_text().splitlines()[-2].replace("==", " ")


def _install(peer: Peer) -> str:
    """Its interpreter. Made anew when its requirements have changed since."""
    wanted = HERE / peer.folder / "requirements.txt"
    folder = ENVIRONMENTS / f"venv-{peer.folder}"
    python, stamp = str(folder / "bin" / "python"), folder / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    install = ["pip", "install", "--quiet", "--python", python, "-r", str(wanted)]
    for words in (["venv", "--quiet", str(folder)], install):
        subprocess.run(
            [sys.executable, "-m", "uv", *words], check=True, capture_output=True, text=True
        )
    stamp.write_text(wanted.read_text())
    return python


def _run(server: Server, peer: Peer, python: str, sizes: Sizes) -> Run:
    name = f"bench_{peer.folder}"
    url = server.create(name)
    total = getattr(sizes, peer.n)
    with tally() as count:
        command = [python, str(HERE / peer.folder / "work.py")]
        rest = [url, str(count.path), str(total), str(peer.threads)]
        subprocess.run(
            [*command, "prepare", *rest, "0"], check=True, capture_output=True, timeout=120
        )
        if peer.n != "jobs":  # those share a queue; others divide the work
            rest[2] = str(total // peer.processes)
        workers = [
            subprocess.Popen([*command, "run", *rest, str(number)], stderr=subprocess.DEVNULL)
            for number in range(1, peer.processes + 1)
        ]
        try:
            run = _measured(count, total, workers, server)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    server.drop(name)
    return run


def _measured(
    count: Tally, total: int, workers: list[subprocess.Popen[bytes]], server: Server
) -> Run:
    return measure(
        count,
        total,
        app=[worker.pid for worker in workers],
        server=server.process(),
        is_dead=lambda: all(worker.poll() is not None for worker in workers),
    )


def _no_ops(server: Server, sizes: Sizes) -> Row:
    """django-q2 itself: one task after the other through its queue in the database."""
    row = Row("peers", "django-q2", "django-q2: no-op tasks, tuned, 2 workers", "tasks/s", steps=1)
    house = houses.open_house(server.create("bench_djangoq"), "tests.bench.djangoq.settings")
    house.manage("migrate", "--verbosity=0")
    for _ in range(sizes.runs):
        with tally() as count:
            path = str(count.path)
            words = f"from tests.bench.djangoq.tasks import fill; fill({path!r}, {sizes.no_ops})"
            house.manage("shell", "--verbosity=0", "--command", words)
            cluster = house.start("qcluster")
            try:
                row.runs.append(
                    measure(count, sizes.no_ops, app=[cluster.pid], server=server.process())
                )
            finally:
                house.stop()
    server.drop("bench_djangoq")
    return row
