"""The table of events: who else writes to it is wrong."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar
from zlib import crc32

from loyalty import bulk
from loyalty.causes import Cause
from loyalty.events.facts import FACTS, Fact
from loyalty.models.event import Event

SHARDS = 16

IMPERSONAL = [name for name, fact in FACTS.items() if not fact.is_personal]


def shard_of(subject: str) -> int:
    """The share (0–15) in which all that happens to one subject is handled in order."""
    return crc32(subject.encode()) % SHARDS


def new_key(stem: str) -> str:
    """A key for what has no cause that could name it and cannot come twice by itself."""
    return f"{stem}:{secrets.token_hex(8)}"


@dataclass(slots=True)
class Draft:
    """A row that is not yet written. It has no number before it is."""

    name: str
    key: str
    shard: int
    customer_id: int
    card_id: int | None
    data: dict[str, Any]
    cause: str
    depth: int
    occurred_at: datetime
    created_at: datetime
    location_id: int | None = None
    fingerprint: str = ""
    id: int | None = None
    entered_at: datetime | None = None


Row = TypeVar("Row", Event, Draft)


def draft(
    fact: Fact,
    *,
    key: str,
    customer_id: int,
    card_id: int | None = None,
    location_id: int | None = None,
    cause: Cause,
    at: datetime | None = None,
    now: datetime,
) -> Draft:
    """The row of a fact, not yet written. `at` is when it happened (default: now), the location
    where, if a till of ours was there."""
    return Draft(
        name=fact.name,
        key=key,
        shard=shard_of(f"customer:{customer_id}"),
        customer_id=customer_id,
        card_id=card_id,
        location_id=location_id,
        data=fact.payload(),
        cause=cause.text,
        depth=cause.depth,
        occurred_at=at or now,
        created_at=now,
    )


def write(rows: Sequence[Row], *, are_new: bool = False) -> int:
    """Write rows whose keys are not there yet; says how many those were. May be repeated.

    `are_new` says that the keys are named by numbers nobody else was given.
    """
    if are_new:
        return bulk.insert(Event, rows)
    if not rows:
        return 0
    if len(rows) == 1 and isinstance(rows[0], Draft):  # the table numbers it
        return bulk.insert(Event, rows, ignore_conflicts=True)
    # Numbered as they happened, written in the order of their keys (two writers must not deadlock).
    for row, pk in zip(rows, bulk.ids(Event, len(rows)), strict=True):
        row.id = pk
    return bulk.insert(Event, sorted(rows, key=attrgetter("key")), ignore_conflicts=True)


def emit(
    fact: Fact,
    *,
    key: str,
    customer_id: int,
    card_id: int | None = None,
    location_id: int | None = None,
    cause: Cause,
    at: datetime | None = None,
    now: datetime,
) -> None:
    """Write one fact, once for its key."""
    write(
        [
            draft(
                fact,
                key=key,
                customer_id=customer_id,
                card_id=card_id,
                location_id=location_id,
                cause=cause,
                at=at,
                now=now,
            )
        ]
    )


def mark_entered(ids: Sequence[int], now: datetime) -> None:
    """Say that `automations` has looked at these."""
    Event.objects.filter(pk__among=ids).update(entered_at=now)


def follow(gone_id: int, kept_id: int) -> None:
    """What happened to the one happened to the other, whom it concerns from now on."""
    rows = Event.objects.filter(customer_id=gone_id)
    rows.update(customer_id=kept_id, shard=shard_of(f"customer:{kept_id}"))


def wipe(customer_id: int) -> None:
    """Forget what the events of one customer tell of them; that they happened, and what they say
    of cards and orders, stays."""
    Event.objects.filter(customer_id=customer_id).exclude(name__in=IMPERSONAL).update(data={})
