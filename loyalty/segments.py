"""Segments: customers who meet a condition now; the only writer of who is in which.

Who belongs is asked of the database in one statement that locks nothing; only those who came and
those who went are written, in bites, each with its news. Interrupted or run twice, what is left is
done, once: a segment's row is the lock, and the number of a customer's place in it is the key.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from loyalty import bulk, conditions, events
from loyalty.causes import CLOCK
from loyalty.cleaning import cleaned, text
from loyalty.conditions import InvalidCondition, Node, NotInSQL
from loyalty.errors import Invalid
from loyalty.fields import SLUG
from loyalty.models import Customer, Placement, Segment

BITE = 2_000
EVERY = timedelta(hours=1)
LONGEST_NAME = 120
_NAME = text(LONGEST_NAME, required=True)


@dataclass(frozen=True, slots=True)
class Change:
    """How many came and how many went."""

    entered: int = 0
    left: int = 0


def make(slug: str, name: str, condition: Any, *, tell: bool = False, now: datetime) -> Segment:
    """A new segment, counted at once; whoever is in it from the start is told of only if asked to.

    Raises Invalid: for a slug that is none or is taken, and for a condition that only an event or a
    journey could answer.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid({"slug": [_("Letters, digits, - and _; at most 60.")]})
    said = cleaned({"name": name}, {"name": _NAME})
    checked(condition, now)
    try:
        with transaction.atomic():
            segment = Segment.objects.create(
                slug=slug, condition=condition, is_quiet=not tell, created_at=now, **said
            )
    except IntegrityError:
        raise Invalid({"slug": [_("Another segment has this already.")]}) from None
    recount(segment, now=now)
    return segment


def change(
    segment: Segment, name: str, condition: Any, *, tell: bool = False, now: datetime
) -> Change:
    """Another name or condition. Of a new condition nobody is told unless asked to; it is counted
    at once. Raises Invalid. May be repeated."""
    said = cleaned({"name": name}, {"name": _NAME})
    checked(condition, now)
    with transaction.atomic():
        row = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk)
        row.name = said["name"]
        if row.condition != condition:
            row.condition, row.version = condition, row.version + 1
            row.is_quiet = row.is_quiet or not tell
        row.save()
    return recount(row, now=now)


def delete(segment: Segment) -> None:
    """It is gone, and nobody is told that they left it."""
    with transaction.atomic():
        Placement.objects.filter(segment=segment).delete()
        Segment.objects.filter(pk=segment.pk).delete()


def forget(customer_id: int) -> None:
    """Whoever is erased is in no segment."""
    Placement.objects.filter(customer_id=customer_id).delete()


def checked(condition: Any, now: datetime) -> Node:
    """The condition, read; raises Invalid where nobody could be counted with it."""
    try:
        node = conditions.parse(condition)
        conditions.as_q(node, now)
    except (InvalidCondition, NotInSQL) as refused:
        raise Invalid({"condition": [refused.message]}) from None
    if any(leaf.field.name == "customer.segments" for leaf in conditions.leaves(node)):
        said = _("A segment cannot ask about segments: which would be counted first?")
        raise Invalid({"condition": [said]})
    return node


def found(node: Node, now: datetime) -> "QuerySet[Customer]":
    """The customers for whom it holds at that moment."""
    return Customer.objects.present().filter(conditions.as_q(node, now))


# --- Counting -------------------------------------------------------------------------------------


def due(now: datetime) -> "QuerySet[Segment]":
    """Those that were not counted for an hour, or were never counted to the end; and those whose
    next moment lies further ahead than a clock that was set back."""
    is_due = Q(next_at=None) | Q(next_at__lte=now) | Q(next_at__gt=now + 2 * EVERY)
    return Segment.objects.filter(is_due).order_by("next_at", "pk")


def set_aside(segment: Segment, *, now: datetime) -> None:
    """It cannot be counted; it is tried again in an hour, and the others go on."""
    Segment.objects.filter(pk=segment.pk).update(next_at=now + EVERY)


def recount(segment: Segment, *, now: datetime) -> Change:
    """Write who came and who went since the last time, and tell of each, except the first time and
    after a change that was to tell nobody. May be repeated."""
    node = conditions.parse(segment.condition)
    belong = found(node, now)
    placed = Placement.objects.filter(segment=segment)
    news = placed.filter(customer=OuterRef("pk"))
    came = belong.filter(~Exists(news)).order_by("pk").values_list("pk", flat=True)
    stays = belong.filter(pk=OuterRef("customer_id"))
    went = placed.filter(~Exists(stays)).order_by("pk").values_list("pk", flat=True)
    work = _Work(segment, now)
    entered = work.do(list(came), work.enter)
    left = work.do(list(went), work.leave)
    Segment.objects.filter(pk=segment.pk, version=segment.version).update(
        is_quiet=False, counted_at=now, next_at=now + EVERY, size=placed.count()
    )
    return Change(entered, left)


class _Stale(Exception):
    """The segment is another by now."""


class _Work:
    """One counting of one segment as it was read; a bite is a transaction of its own."""

    def __init__(self, segment: Segment, now: datetime) -> None:
        self.segment, self.now = segment, now

    def do(self, ids: Sequence[int], work: Callable[[Sequence[int]], int]) -> int:
        done = 0
        for bite in _bites(ids):
            try:
                with transaction.atomic():
                    self._lock()
                    done += work(bite)
            except _Stale:
                break
        return done

    def enter(self, customers: Sequence[int]) -> int:
        there = Placement.objects.filter(segment=self.segment, customer_id__among=customers)
        known = set(there.values_list("customer_id", flat=True))
        present = Customer.objects.present().filter(pk__among=customers)
        people = set(present.values_list("pk", flat=True)) - known
        rows = [
            Placement(segment=self.segment, customer_id=pk, since=self.now) for pk in sorted(people)
        ]
        bulk.insert(Placement, rows)
        self._tell(rows, events.SegmentEntered(self.segment.slug), "entered")
        return len(rows)

    def leave(self, places: Sequence[int]) -> int:
        rows = list(Placement.objects.filter(pk__among=places).order_by("pk"))
        Placement.objects.filter(pk__among=places).delete()
        gone = Customer.objects.filter(
            pk__among=[row.customer_id for row in rows], erased_at__isnull=False
        )
        erased = set(gone.values_list("pk", flat=True))
        self._tell(
            [row for row in rows if row.customer_id not in erased],
            events.SegmentLeft(self.segment.slug),
            "left",
        )
        return len(rows)

    def _lock(self) -> None:
        rows = Segment.objects.select_for_update(no_key=True).filter(pk=self.segment.pk)
        row = rows.first()
        if row is None or row.version != self.segment.version:
            raise _Stale

    def _tell(self, rows: Sequence[Placement], fact: events.Fact, what: str) -> None:
        if self.segment.is_quiet:
            return
        events.write(
            [
                events.draft(
                    fact,
                    key=f"segment:{self.segment.pk}:{row.pk}:{what}",
                    customer_id=row.customer_id,
                    cause=CLOCK,
                    now=self.now,
                )
                for row in rows
            ]
        )


def _bites(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), BITE):
        yield ids[at : at + BITE]
