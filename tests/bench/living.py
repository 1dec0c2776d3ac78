"""A real `runworker` on a full shop: how soon it does something, and whether it grows."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles

from tests.bench.laps import STEPS
from tests.bench.machine import Moment, memory
from tests.bench.meter import PATIENCE, Row, Run, StandsStillError, between, tally
from tests.bench.site import Site, working
from tests.bench.sizes import Sizes
from tests.processes import family

LOOKS_EVERY = 0.004  # seconds; a question costs a tenth of that
WAIT = 2  # seconds, of the journeys whose lateness is measured


# --- How soon -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Echo:
    """One event, and what was seen to follow from it, in seconds of the database's clock."""

    committed: float
    at_once: float = 0.0
    later: float = 0.0
    due: float = 0.0


def echoes(site: Site, sizes: Sizes) -> Iterator[Row]:
    """Events one by one into an idle shop, each followed by an email, a wait, another email."""
    automation = site.clerk.ask("shop.draw_echo", slug="echo", wait=f"PT{WAIT}S")
    with working(site, "config.settings"):
        site.clerk.ask("shop.accept_one", event="echo", name=site.draw_people(1)[0])
        _wait_for(site, automation, 2)  # the worker is up, its plans are read
        before = Moment.now([], site.server)
        heard = _hear(site, automation, sizes.waves)
        others = Moment.now([], site.server).others_since(before)
    site.clerk.ask("shop.close", automation=automation)
    site.forget_letters()
    soon = [1000 * (echo.at_once - echo.committed) for echo in heard]
    late = [1000 * (echo.later - echo.due) for echo in heard]
    where = f"idle, {site.waiting:,} others waiting"
    yield _latency("echo event", f"Event committed → letter's row committed; {where}", soon, others)
    yield _latency("echo wait", f"Wait is over → letter's row committed; {where}", late, others)


def _latency(key: str, what: str, found: list[float], others: float) -> Row:
    cuts = quantiles(found, n=20)
    note = f"p95 {cuts[18]:.0f} ms, of {len(found)}"
    return Row("ours", key, what, "ms", [Run(each, others=others) for each in found], note=note)


def _hear(site: Site, automation: int, waves: int) -> list[Echo]:
    """The next event goes out when its moment has come, and until then we look for echoes."""
    found: dict[int, Echo] = {}
    people = site.draw_people(waves)
    next_at, seen = time.monotonic() + 0.2, _letters(site, automation)
    end = time.monotonic() + PATIENCE
    while people or not all(echo.later for echo in found.values()):
        if people and time.monotonic() >= next_at:
            said = site.clerk.ask("shop.accept_one", event="echo", name=people.pop())
            found[said["customer"]] = Echo(said["committed"])
            next_at = time.monotonic() + random.uniform(0.2, 0.5)
        if (now := _letters(site, automation)) > seen:
            seen = now
            _note_all(site, automation, found)
        if time.monotonic() > end + waves:
            raise StandsStillError("echo")
        time.sleep(LOOKS_EVERY)
    return list(found.values())


def _letters(site: Site, automation: int) -> int:
    """How many were written, from the counters: a question that stays cheap."""
    return site.number(
        "SELECT COALESCE(SUM(n), 0) FROM automations_counter WHERE metric = 'done' "
        f"AND automation_id = {automation} AND step_key IN ('at-once', 'later')"
    )


def _note_all(site: Site, automation: int, found: dict[int, Echo]) -> None:
    """The counters commit with the letters, so what is new has just been committed."""
    now = time.time()
    rows = site.reader.execute(
        "SELECT j.customer_id, j.state, j.due_at FROM automations_journey j "
        f"WHERE j.automation_id = {automation}"
    ).fetchall()
    for customer, state, due in rows:
        echo = found.get(customer)
        if echo is None:
            continue
        if not echo.at_once:
            echo.at_once = now
        if due is not None:
            echo.due = due.timestamp()
        if state == "finished" and not echo.later:
            echo.later = now


def _wait_for(site: Site, automation: int, letters: int) -> None:
    end = time.monotonic() + PATIENCE
    while _letters(site, automation) < letters:
        if time.monotonic() > end:
            raise StandsStillError("the worker does nothing")
        time.sleep(0.1)


# --- Whether it grows -----------------------------------------------------------------------------


@dataclass(slots=True)
class Samples:
    """RSS and PSS in MB of the largest worker, by how much of the work was done."""

    at: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, share: float, worker: int) -> None:
        clusters = family.children(worker)[:1]
        guards = [guard for main in clusters for guard in family.children(main)]
        sizes = [memory(pid) for guard in guards for pid in family.children(guard)]
        if sizes:
            self.at.append((share, *max(sizes, key=lambda size: size[1])))

    def near(self, share: float) -> tuple[float, float, float]:
        return min(self.at, key=lambda sample: abs(sample[0] - share))


def flood(site: Site, sizes: Sizes, settings_module: str) -> Iterator[Row]:
    """Journeys that wait for a second only, again and again: a million steps by one runworker."""
    slug, total = "flood", sizes.flood * sizes.rounds * STEPS
    automation = site.clerk.ask("shop.draw", slug=slug, rounds=sizes.rounds, wait="PT1S")
    with tally() as taken:
        site.clerk.ask(
            "intake.by_the_thousand",
            event=slug,
            names=site.draw_people(sizes.flood),
            tally=str(taken.path),
        )
    samples = Samples()
    with working(site, settings_module) as worker:
        run = _watched(site, automation, total, worker, samples)
    site.clerk.ask("shop.close", automation=automation)
    site.forget_letters()
    yield Row("ours", "flood", f"{total:,} steps by one `runworker`", "steps/s", [run], steps=1)
    for key, share in (("start", 0.05), ("middle", 0.5), ("end", 1.0)):
        done, rss, pss = samples.near(share)
        what = f"Memory (PSS) of the larger worker after {done * total:,.0f} steps"
        yield Row("ours", f"memory {key}", what, "MB", [Run(pss)], note=f"RSS {rss:.0f} MB")


def _watched(site: Site, automation: int, total: int, worker: int, samples: Samples) -> Run:
    question = (
        "SELECT COALESCE(SUM(n), 0) FROM automations_counter WHERE metric = 'waiting' "
        f"AND automation_id = {automation}"
    )
    begun: tuple[int, Moment] | None = None
    moved, moved_at = 0, time.monotonic()
    while (done := STEPS * site.number(question)) < total:
        if done != moved:
            moved, moved_at = done, time.monotonic()
            samples.add(done / total, worker)
        if begun is None and done >= total / 10:
            begun = done, Moment.now([worker], site.server)
        if time.monotonic() - moved_at > PATIENCE:
            raise StandsStillError(f"{done} of {total} steps")
        time.sleep(0.2)
    samples.add(1.0, worker)
    assert begun is not None
    return between(begun[1], Moment.now([worker], site.server), done - begun[0])
