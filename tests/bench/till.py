"""A till beside a herd: how soon a scan is answered while a worker wakes those who are overdue."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from statistics import quantiles

from tests.bench import houses
from tests.bench.machine import Moment
from tests.bench.meter import PATIENCE, Row, Run, StandsStillError
from tests.bench.site import Site, working
from tests.bench.sizes import Sizes

A_SECOND = 20  # scans
HANDS = 12  # that many scans may be under way


def rows(site: Site, sizes: Sizes) -> Iterator[Row]:
    """All who are scanned are customers of the herd: their accounts are the ones batches lock."""
    key = site.clerk.ask("shop.cut_a_key")
    idle = Row("ours", "scan idle", f"Scan → answer, {A_SECOND} a second; nobody due", "ms")
    words = f"{A_SECOND} a second; {sizes.herd:,} overdue journeys are woken, letters are sent"
    busy = Row("ours", "scan herd", f"Scan → answer, {words}", "ms")
    with _open_door(site) as (web, port), working(site, "config.settings") as worker:
        till = Till([web, worker], port, key, site.clerk.ask("shop.serials", n=200))
        till.scan(_for_seconds(2))  # caches are filled
        idle = _said(idle, site, till, _for_seconds(sizes.scan_seconds))
        found: list[Row] = []
        took = 0.0
        for _run in range(sizes.runs):
            till.serials = site.clerk.ask("shop.make_overdue", n=sizes.herd)
            began = time.monotonic()
            found.append(_said(busy, site, till, lambda: not _overdue(site)))
            took += time.monotonic() - began
    site.forget_letters()
    busy.runs = [run for row in found for run in row.runs]
    rate = sizes.herd * sizes.runs / took
    yield idle
    yield replace(busy, note=f"{_percentiles(busy.runs)}; {rate:,.0f} wakes/s meanwhile")


def _said(row: Row, site: Site, till: "Till", is_over: Callable[[], bool]) -> Row:
    before = Moment.now(till.measured, site.server)
    answered = till.scan(is_over)
    others = Moment.now(till.measured, site.server).others_since(before)
    runs = [Run(1000 * each, others=others) for each in answered]
    return replace(row, runs=runs, note=_percentiles(runs))


def _percentiles(runs: list[Run]) -> str:
    cuts = quantiles([run.value for run in runs], n=100)
    return f"p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms, of {len(runs)}"


def _overdue(site: Site) -> int:
    return site.number(
        "SELECT COUNT(*) FROM (SELECT 1 FROM automations_journey WHERE state = 'waiting' "
        "AND due_at <= now() LIMIT 1) AS found"
    )


def _for_seconds(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


@contextmanager
def _open_door(site: Site) -> Iterator[tuple[int, int]]:
    """The web server as in production; its process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    house = houses.open_house(site.house.database_url)
    house.settings |= {"PORT": str(port)}
    web = house.launch("-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi")
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > end:
                raise StandsStillError("the web server")
            time.sleep(0.1)
        yield web.pid, port
    finally:
        house.stop()


@dataclass(slots=True)
class Till:
    measured: list[int]  # processes
    port: int
    key: str
    serials: list[str]
    _took: list[float] = field(default_factory=list)
    _wrong: list[str] = field(default_factory=list)

    def scan(self, is_over: Callable[[], bool]) -> list[float]:
        """Scan so many a second, answered or not, until that; how long each took, from the moment
        at which it was to go out."""
        self._took, began = [], time.monotonic()
        queue = cycle(self.serials)
        turn, lock, stop = iter(range(1_000_000)), threading.Lock(), threading.Event()

        def work() -> None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while not stop.is_set():
                with lock:
                    at, serial = began + next(turn) / A_SECOND, next(queue)
                if stop.wait(max(0.0, at - time.monotonic())):
                    break
                self._ask(line, serial, at)

        hands = [threading.Thread(target=work) for _ in range(HANDS)]
        for hand in hands:
            hand.start()
        while not is_over():
            time.sleep(0.05)
        stop.set()
        for hand in hands:
            hand.join()
        if self._wrong:
            raise AssertionError(self._wrong[:3])
        return self._took

    def _ask(self, line: http.client.HTTPConnection, serial: str, at: float) -> None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
        }
        line.request("POST", "/api/v1/scan/", json.dumps({"code": serial}), headers)
        answer = line.getresponse()
        body = answer.read()
        self._took.append(time.monotonic() - at)
        if answer.status != 200:
            self._wrong.append(f"{answer.status} {body[:200]!r}")
