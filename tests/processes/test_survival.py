"""What the worker survives, shown with jobs that are files (tests/processes/jobs.py)."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from tests.house import House
from tests.processes import family
from tests.processes.family import wait_until

pytestmark = pytest.mark.processes


class Shop:
    """A house whose only work are files: `give` it a job, and see whether it is `done`."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder
        (folder / "due").mkdir(parents=True)
        house.settings |= {
            "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
            "JOBS_FOLDER": str(folder),
        }
        house.manage("migrate", "--verbosity=0")

    def opens(self, **environment: str) -> subprocess.Popen[str]:
        self.house.settings |= environment
        return self.house.start("runworker")

    def gives(self, *jobs: int) -> None:
        for job in jobs:
            (self.folder / "due" / str(job)).touch()

    def has_begun(self) -> bool:
        return (self.folder / "begun").exists()

    def has_done(self, *jobs: int) -> bool:
        return not [job for job in jobs if (self.folder / "due" / str(job)).exists()]


@pytest.fixture
def shop(empty_house, tmp_path):
    return Shop(empty_house, tmp_path / "jobs")


def test_every_idle_worker_killed_and_every_later_task_still_runs(shop):
    cluster = family.cluster_of(shop.opens().pid)

    for job in range(1, 7):
        for worker in cluster.workers:
            family.kill(worker)
        shop.gives(job)

        wait_until(partial(shop.has_done, job), f"job {job} of 6", within=10)


@pytest.mark.parametrize("victim", ["guard", "monitor", "pusher", "main"])
def test_whichever_process_is_killed_the_work_goes_on(shop, victim):
    runworker = shop.opens()
    cluster = family.cluster_of(runworker.pid)

    family.kill(getattr(cluster, victim))
    shop.gives(1, 2, 3)

    # The stock pusher's death costs a guard's cycle, the others a new cluster at most.
    wait_until(lambda: shop.has_done(1, 2, 3), "all jobs", within=15)


def test_a_busy_worker_killed_and_its_task_is_done_by_another(shop):
    runworker = shop.opens(SLOW_JOBS="1")
    cluster = family.cluster_of(runworker.pid)
    shop.gives(1, 2)
    wait_until(shop.has_begun, "somebody begins")

    for worker in cluster.workers:
        family.kill(worker)

    wait_until(lambda: shop.has_done(1, 2), "both jobs", within=10)


def test_nobody_is_left_behind_when_runworker_is_killed(shop):
    runworker = shop.opens()
    cluster = family.cluster_of(runworker.pid)
    everybody = cluster.everybody

    family.kill(runworker.pid)
    runworker.wait()

    gone = {"", "Z"}
    wait_until(lambda: {family.state(one) for one in everybody} <= gone, "all gone", within=3)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that can refuse")
def test_it_waits_for_a_database_that_refuses_and_goes_on_as_soon_as_it_answers(shop, capfd):
    cluster = family.cluster_of(shop.opens().pid)
    said = ""

    def has_said(line: str) -> bool:
        nonlocal said
        said += "".join(capfd.readouterr())
        return line in said

    with shut(shop.house.database_url):
        family.kill(cluster.main)
        wait_until(lambda: has_said("The database does not answer"), "it waits", within=30)
        shop.gives(1)

    wait_until(lambda: shop.has_done(1), "the job", within=10)
    said += "".join(capfd.readouterr())
    assert said.count("The database does not answer") == 1


@contextmanager
def shut(url: str) -> Iterator[None]:
    """Nobody comes into that database inside, and whoever was in is thrown out."""
    name = urlsplit(url).path[1:]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as master:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format
        master.execute(allow(sql.Identifier(name), sql.Literal(False)))
        master.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            master.execute(allow(sql.Identifier(name), sql.Literal(True)))


def test_a_group_that_is_stopped_is_replaced(shop):
    runworker = shop.opens()
    cluster = family.cluster_of(runworker.pid)

    os.killpg(cluster.main, signal.SIGSTOP)
    shop.gives(1)

    wait_until(lambda: shop.has_done(1), "the job", within=20)
    assert family.state(cluster.main) in {"", "Z"}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(shop, sign):
    runworker = shop.opens(SLOW_JOBS="1")
    cluster = family.cluster_of(runworker.pid)
    shop.gives(1)
    wait_until(shop.has_begun, "somebody begins")

    everybody = cluster.everybody

    runworker.send_signal(sign)

    assert runworker.wait(10) == 0
    assert {family.state(one) for one in everybody} <= {"", "Z"}


CONTAINER = """
import ctypes, os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
os.execv(sys.executable, [sys.executable, "manage.py", "runworker"])
"""


def test_as_the_first_process_of_a_container_it_buries_everybody(shop):
    """Orphans are its children then; and who started it may have ignored that children end."""
    runworker = shop.house.launch("-c", CONTAINER)
    cluster = family.cluster_of(runworker.pid)

    for job in range(1, 4):
        family.kill(cluster.main)
        shop.gives(job)
        wait_until(partial(shop.has_done, job), f"job {job} of 3", within=10)
        cluster = family.cluster_of(runworker.pid)

    wait_until(lambda: not family.unburied(runworker.pid), "all are buried", within=3)
    runworker.terminate()
    assert runworker.wait(10) == 0


def test_what_does_not_stop_in_time_is_killed(shop):
    runworker = shop.opens()
    cluster = family.cluster_of(runworker.pid)
    everybody = cluster.everybody
    os.kill(cluster.guard, signal.SIGSTOP)

    runworker.terminate()

    runworker.wait(10)
    assert {family.state(one) for one in everybody} <= {"", "Z"}


def test_it_refuses_to_start_on_a_database_without_tables(empty_house):
    refused = empty_house.manage("runworker", check=False)

    assert refused.returncode == 2
    assert "migrate" in refused.stderr
