"""Counting everybody anew and writing who moved; the only writer of both tables.

The counting is one statement. Whoever is counted for the first time gets a row by it, which tells
nobody. Of the others it is asked in parts, so that no worker holds a million rows, and only those
who stand elsewhere than before are written, in bites, each with its news. Interrupted or run twice,
what is left is done, once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from loyalty import bulk, events, zones
from loyalty.causes import CLOCK
from loyalty.models import Business, Customer, Rfm, RfmStanding
from loyalty.rfm import counting
from loyalty.rfm.counting import Counted
from loyalty.rfm.scheme import Scheme, checked, of, settings

PART = 50_000
BITE = 2_000
# The clock of the business at which a new day is counted: after the last guests, before the first.
AT = time(4)

COLUMNS = ("segment", "recency", "visits", "spent", "before", "moves", "since")


@dataclass(slots=True)
class Row:
    """A standing as it is written."""

    customer_id: int
    segment: str
    recency: int
    visits: int
    spent: int
    before: str
    moves: int
    since: datetime


def recount(*, now: datetime) -> int:
    """Count everybody; says how many have moved to another segment, and tells of each, except the
    first time and after a change of the scheme that was to tell nobody. May be repeated."""
    _begin()
    row = Rfm.objects.get(pk=1)
    if not _welcome(row, now):
        return 0
    moved = 0
    for bite in _bites(of(row), now):
        written = _write(bite, row.version, tells=not row.is_quiet, now=now)
        if written is None:  # the scheme is another by now, and so is everything found with it
            return moved
        moved += written
    _forget_erased()
    Rfm.objects.filter(pk=1, version=row.version).update(
        is_quiet=False, counted_at=now, next_at=_next(now)
    )
    return moved


def configure(
    *,
    preset: str,
    recency_days: Sequence[int] = (),
    visit_counts: Sequence[int] = (),
    names: Mapping[str, str] | None = None,
    frequency_window_days: int | None = None,
    tell: bool = False,
    now: datetime,
) -> int:
    """Take another scheme, thresholds or names, and count everybody anew; tells nobody unless asked
    to. Raises Invalid. Says how many have moved."""
    scheme = checked(preset, [*recency_days], [*visit_counts], names or {}, frequency_window_days)
    _begin()
    with transaction.atomic():
        row = Rfm.objects.select_for_update(no_key=True).get(pk=1)
        row.preset, row.names = scheme.preset.slug, dict(scheme.names)
        row.recency_days, row.visit_counts = [*scheme.recency_days], [*scheme.visit_counts]
        row.frequency_window_days = scheme.frequency_window_days
        row.version += 1
        row.is_quiet = row.counted_at is None or not tell
        row.save()
    return recount(now=now)


def forget(customer_id: int) -> None:
    """Whoever is erased stands nowhere."""
    RfmStanding.objects.filter(customer_id=customer_id).delete()


def is_due(now: datetime) -> bool:
    """Once a day, where there is anybody; and where the next moment lies further ahead than a clock
    that was set back."""
    in_time = Rfm.objects.filter(next_at__gt=now, next_at__lte=now + 2 * timedelta(days=1))
    return not in_time.exists() and Customer.objects.exists()


# --- How ------------------------------------------------------------------------------------------


def _begin() -> None:
    row = settings()
    if row.counted_at is None:
        bulk.insert(Rfm, [row], ignore_conflicts=True)


def _welcome(row: Rfm, now: datetime) -> bool:
    """Whether the scheme is still that one."""
    with transaction.atomic():
        if not _is_still(row.version):
            return False
        counting.welcome(of(row), now)
        return True


def _is_still(version: int) -> bool:
    """Locks the settings' row, so what was found by two at once is written by one of them."""
    return Rfm.objects.select_for_update(no_key=True).get(pk=1).version == version


def _bites(scheme: Scheme, now: datetime) -> Iterator[list[Counted]]:
    last, is_more = 0, True
    while is_more:
        found = counting.differences(scheme, now, after=last, most=PART)
        for at in range(0, len(found), BITE):
            yield found[at : at + BITE]
        is_more = len(found) == PART
        last = found[-1].customer_id if found else last


def _write(bite: list[Counted], version: int, *, tells: bool, now: datetime) -> int | None:
    """One transaction; None where the scheme has changed."""
    with transaction.atomic():
        if not _is_still(version):
            return None
        standing = RfmStanding.objects.filter(
            customer_id__among=[each.customer_id for each in bite]
        )
        known = {each.customer_id: each for each in standing}
        fresh = [each for each in bite if _is_fresh(each, known.get(each.customer_id))]
        rows = [_row(each, known[each.customer_id], now) for each in fresh]
        bulk.update(RfmStanding, rows, COLUMNS)
        moved = [each for each in fresh if each.before != each.segment]
        if tells:
            events.write([_news(each, now) for each in moved])
        return len(moved)


def _is_fresh(each: Counted, known: RfmStanding | None) -> bool:
    """Whether nobody wrote that row since it was compared."""
    return known is not None and (known.moves, known.segment) == (each.moves, each.before)


def _row(each: Counted, known: RfmStanding, now: datetime) -> Row:
    stays = each.before == each.segment
    return Row(
        customer_id=each.customer_id,
        segment=each.segment,
        recency=each.recency,
        visits=each.visits,
        spent=each.spent,
        before=known.before if stays else each.before,
        moves=each.moves if stays else each.moves + 1,
        since=known.since if stays else now,
    )


def _news(each: Counted, now: datetime) -> events.Draft:
    return events.draft(
        events.RfmSegmentChanged(before=each.before, after=each.segment),
        key=f"customer:{each.customer_id}:rfm:{each.moves + 1}",
        customer_id=each.customer_id,
        cause=CLOCK,
        now=now,
    )


def _forget_erased() -> None:
    RfmStanding.objects.filter(customer__erased_at__isnull=False).delete()


def _next(now: datetime) -> datetime:
    return zones.next_time(now, AT, Business.get().time_zone)


def preview(scheme: Scheme, *, now: datetime) -> dict[str, Any]:
    """What a scheme would make of everybody: how many in each segment, and how many would move."""
    flows = counting.flows(scheme, now)
    sizes: dict[str, int] = {}
    for (_before, after), n in flows.items():
        sizes[after] = sizes.get(after, 0) + n
    moving = sum(n for (before, after), n in flows.items() if before != after)
    return {"sizes": sizes, "moving": moving, "customers": sum(sizes.values())}
