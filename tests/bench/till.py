"""A till beside a herd: how soon a scan, and the gift that follows some of them, is answered while
a worker wakes those who are overdue."""

import http.client
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from statistics import quantiles
from typing import Any

from tests.bench import houses
from tests.bench.machine import Moment
from tests.bench.meter import PATIENCE, Row, Run, StandsStillError
from tests.bench.site import Site, working
from tests.bench.sizes import Sizes

A_SECOND = 20  # scans
HANDS = 12  # that many scans may be under way
EACH_GIVES = 4  # one in so many scans gives points to the same card
GIFT = {"unit": "points", "amount": 5}


def rows(site: Site, sizes: Sizes) -> Iterator[Row]:
    """All who are scanned are customers of the herd: their accounts are the ones batches lock."""
    key = site.clerk.ask("shop.cut_a_key")
    rush = f"{sizes.herd:,} overdue journeys are woken, letters are sent"
    idle, busy = _kinds("idle", "nobody due"), _kinds("herd", rush)
    with _open_door(site) as (web, port), working(site, "config.settings") as worker:
        till = Till([web, worker], port, key, site.clerk.ask("shop.serials", n=200))
        till.work(_for_seconds(2))  # caches are filled
        _add(idle, site, till, _for_seconds(sizes.scan_seconds))
        took = 0.0
        for _run in range(sizes.runs):
            till.serials = site.clerk.ask("shop.make_overdue", n=sizes.herd)
            began = time.monotonic()
            _add(busy, site, till, lambda: not _overdue(site))
            took += time.monotonic() - began
    site.forget_letters()
    rate = f"; {sizes.herd * sizes.runs / took:,.0f} wakes/s meanwhile"
    yield from (replace(row, note=_percentiles(row.runs)) for row in idle)
    yield from (replace(row, note=_percentiles(row.runs) + rate) for row in busy)


def _kinds(key: str, words: str) -> tuple[Row, Row]:
    each = f"{A_SECOND / EACH_GIVES:.0f} a second, each after its scan"
    return (
        Row("ours", f"scan {key}", f"Scan → answer, {A_SECOND} a second; {words}", "ms"),
        Row("ours", f"give {key}", f"Five points → answer, {each}; {words}", "ms"),
    )


def _add(kinds: tuple[Row, Row], site: Site, till: "Till", is_over: Callable[[], bool]) -> None:
    before = Moment.now(till.measured, site.server)
    till.work(is_over)
    others = Moment.now(till.measured, site.server).others_since(before)
    for row, took in zip(kinds, (till.scanned, till.gave), strict=True):
        row.runs += [Run(1000 * each, others=others) for each in took]


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
    scanned: list[float] = field(default_factory=list)  # seconds, of the last time at work
    gave: list[float] = field(default_factory=list)
    _wrong: list[str] = field(default_factory=list)

    def work(self, is_over: Callable[[], bool]) -> None:
        """Scan so many a second, answered or not, until that. A scan counts from the moment at
        which it was to go out, a gift from when its scan was answered."""
        self.scanned, self.gave, began = [], [], time.monotonic()
        queue = cycle(self.serials)
        turns, lock, stop = iter(range(1_000_000)), threading.Lock(), threading.Event()

        def stand() -> None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while not stop.is_set():
                with lock:
                    turn, serial = next(turns), next(queue)
                at = began + turn / A_SECOND
                if stop.wait(max(0.0, at - time.monotonic())):
                    break
                self._serve(line, serial, at, gives=turn % EACH_GIVES == 0)

        hands = [threading.Thread(target=stand) for _ in range(HANDS)]
        for hand in hands:
            hand.start()
        while not is_over():
            time.sleep(0.05)
        stop.set()
        for hand in hands:
            hand.join()
        if self._wrong:
            raise AssertionError(self._wrong[:3])

    def _serve(
        self, line: http.client.HTTPConnection, serial: str, at: float, *, gives: bool
    ) -> None:
        self._ask(line, "scan/", {"code": serial})
        self.scanned.append(time.monotonic() - at)
        if gives:
            at = time.monotonic()
            self._ask(line, f"cards/{serial}/accrue/", GIFT)
            self.gave.append(time.monotonic() - at)

    def _ask(self, line: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(8),
        }
        line.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        answer = line.getresponse()
        said = answer.read()
        if answer.status != 200:
            self._wrong.append(f"{answer.status} {said[:200]!r}")
