"""The product's part of the benchmark: which laps are run where, and in which order."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import disk, laps, living, pairs, till
from tests.bench.databases import Server
from tests.bench.houses import WITHOUT_LETTERS
from tests.bench.laps import ONE, SENDING, TWO, WORKER, Book, Lap, drive
from tests.bench.meter import Row, Run, measure, tally
from tests.bench.site import Site, long_ago, on_postgresql, on_sqlite, prepare_empty
from tests.bench.sizes import Sizes

WARM_UP = 500  # events


def rows(server: Server, sizes: Sizes) -> Iterator[Row]:
    """Runs on shops of different sizes take turns, so that what disturbs one disturbs all."""
    prepare_empty(server)
    with ExitStack() as stack:
        sites = []
        for waiting in sizes.waiting:
            people = max(waiting, sizes.lap)
            name = f"bench_{waiting}"
            site = stack.enter_context(on_postgresql(server, name, people, waiting))
            sites.append(site)
            weighed = list(disk.rows(site))
            _warm_up(site)
        taken = Row("ours", "bulk", "Events in, 1,000 a call, 1 connection", "events/s")
        books = [Book(site, "ours") for site in sites]
        for _run in range(sizes.runs):
            for book in books:
                for driver, n in _drivers(book, books, sizes):
                    drive(book, driver, n, taken)
        yield taken
        yield from pairs.rows(sites[0], sites[-1], sizes)
        yield from _singles(sites[-1], sizes)
        for book in books:
            yield from book.rows.values()
        yield from _statements(sites[0], sizes)
        yield from living.echoes(sites[-1], sizes)
        yield from till.rows(sites[-1], sizes)
        yield from living.flood(sites[-1], sizes, WITHOUT_LETTERS)
        yield from weighed
        yield _audit(sites[-1], "ours")


def _warm_up(site: Site) -> None:
    """A short lap that is not counted: programs are read, caches filled."""
    drive(Book(site, ""), TWO, WARM_UP, Row("", "", "", ""))


def _drivers(book: Book, books: list[Book], sizes: Sizes) -> list[tuple[laps.Driver, int]]:
    """One process on the smallest and the largest shop, two on each, the worker on the largest."""
    found = [(TWO, sizes.lap)]
    if book in (books[0], books[-1]):
        found.append((ONE, sizes.short_lap))
    if book is books[-1]:
        found += [(WORKER, sizes.lap), (SENDING, sizes.sent_lap)]
    return found


def _singles(site: Site, sizes: Sizes) -> Iterator[Row]:
    """An event that nothing listens to, so that only its way in is measured."""
    for connections in (1, 8):
        who = "1 connection" if connections == 1 else f"{connections} connections"
        row = Row("ours", f"single {connections}", f"Events in, 1 a call, {who}", "events/s")
        n = sizes.singles * (1 if connections == 1 else 3)
        for number in range(sizes.runs):
            with tally() as taken:
                site.clerk.begin(
                    "intake.one_by_one",
                    event=f"unheard-{connections}-{number}",
                    names=site.draw_people(n),
                    tally=str(taken.path),
                    connections_used=connections,
                )
                run = measure(taken, n, app=[site.clerk.pid], server=site.server)
            site.clerk.answer()
            row.runs.append(run)
        site.clerk.ask("pumping.until_idle", turn=0)
        yield row


def _statements(site: Site, sizes: Sizes) -> Iterator[Row]:
    """A lap that is not timed, because counting costs time."""
    lap, then = Lap(site, sizes.lap), long_ago()
    lap.begin(now=then)
    events = site.clerk.ask("pumping.counted", now=then)
    wakes = site.clerk.ask("pumping.counted")
    lap.end()
    for kind, unit, found in (("events", "event", events), ("wakes", "wake", wakes)):
        each = found["batch"] / found["rows"]
        what = f"Statements for each {unit}, in a batch of {found['rows']}"
        note = f"{each / laps.STEPS:.3f} a step; {found['all'] / lap.n / laps.STEPS:.3f} over a lap"
        yield Row("ours", f"statements {kind}", what, "statements", [Run(each)], note=note)


def _audit(site: Site, part: str) -> Row:
    wrong = site.clerk.ask("shop.audit")
    note = f"{len(wrong)} rules broken: {wrong[:2]}" if wrong else "every rule holds"
    what = f"`ledger_audit` at the end; {site.waiting:,} others waiting"
    return Row(part, f"{part} audit", what, "broken", [Run(float(len(wrong)))], note=note)


def sqlite_rows(_server: Server, sizes: Sizes) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        waiting = sizes.sqlite_waiting
        file = str(Path(folder) / "bench.sqlite3")
        with on_sqlite(file, max(waiting, sizes.short_lap), waiting) as site:
            taken = Row("sqlite", "sqlite bulk", "SQLite: events in, 1,000 a call", "events/s")
            book = Book(site, "sqlite", words="SQLite: ")
            drive(Book(site, ""), ONE, WARM_UP, taken)
            for _run in range(sizes.runs):
                drive(book, ONE, sizes.short_lap, taken)
            yield taken
            yield from book.rows.values()
            yield _audit(site, "sqlite")
