"""Does waiting cost anything? The same lap on a small shop and on a large one, one right after the
other, so that whatever slows the machine down for a while slows both."""

from collections.abc import Iterator

from tests.bench.laps import ONE, TWO, Driver, Lap
from tests.bench.meter import Row, Run
from tests.bench.site import Site, long_ago
from tests.bench.sizes import Sizes

PART = "pairs"


def rows(few: Site, many: Site, sizes: Sizes) -> Iterator[Row]:
    """What a wake costs among many over what it costs among few, by the clock and by CPU; pairs
    take turns in who begins."""
    for driver, n in ((ONE, sizes.short_lap), (TWO, sizes.lap)):
        what = f"{driver.what}, {many.waiting:,} ÷ {few.waiting:,} waiting"
        clock = Row(PART, f"{PART} {driver.key} clock", what, "×")
        cpu = Row(PART, f"{PART} {driver.key} cpu", what, "× by CPU")
        for number in range(sizes.pairs):
            turns = [few, many] if number % 2 else [many, few]
            took = {site.waiting: _wakes(site, driver, n) for site in turns}
            small, large = took[few.waiting], took[many.waiting]
            clock.runs.append(Run(small.value / large.value, others=small.others))
            cpu.runs.append(Run(large.cpu_ms / small.cpu_ms, others=large.others))
        yield clock
        yield cpu


def _wakes(site: Site, driver: Driver, n: int) -> Run:
    lap, then = Lap(site, n), long_ago()
    lap.begin(now=then)
    lap.pumped(driver, "wait-1", now=then)
    run = lap.pumped(driver, "wait-2")
    lap.end()
    return run
