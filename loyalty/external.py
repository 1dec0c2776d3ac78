"""Events from outside: what others tell us of our customers, taken in item by item."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import customers, events
from loyalty.causes import Cause
from loyalty.cleaning import Cleaner, cleaned, json_object, key, moment, text
from loyalty.customers import Who
from loyalty.errors import Invalid, KeyReuse, LoyaltyError, ReservedName
from loyalty.models.customer import Customer
from loyalty.models.event import Event

LONGEST_NAME = 80
LONGEST_KEY = 150
MOST_DATA_BYTES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """Something that happened elsewhere. `index` is its place in what was sent, for the answer;
    `key` is its sender's own, the same on every repeat; `occurred_at` None is now."""

    index: int = 0
    name: str
    key: str
    customer: Who
    occurred_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def clean(self) -> "External":
        """All of it made fit; raises Invalid, ReservedName."""
        said = {name: getattr(self, name) for name in CLEANERS}
        clean = External(
            index=self.index, customer=self.customer.clean(), **cleaned(said, CLEANERS)
        )
        if not clean.customer:
            raise Invalid({"customer": [_("Say who: id, external_id, email or phone.")]})
        if clean.name in events.RESERVED:
            raise ReservedName
        return clean

    def fingerprint(self) -> str:
        """Of all that must be the same when the same key comes again."""
        said = (self.name, str(self.customer), str(self.occurred_at), self.data)
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


CLEANERS: dict[str, Cleaner] = {
    "name": text(LONGEST_NAME, required=True),
    "key": key(LONGEST_KEY),
    "occurred_at": moment,
    "data": json_object(MOST_DATA_BYTES),
}


@dataclass(frozen=True, slots=True)
class Refused:
    index: int
    error: LoyaltyError


@dataclass(slots=True)
class Accepted:
    """How many were new, how many had come before, and what could not be taken."""

    accepted: int = 0
    duplicates: int = 0
    errors: list[Refused] = field(default_factory=list)

    def refuse(self, item: External, error: LoyaltyError) -> None:
        self.errors.append(Refused(item.index, error))

    def compare(self, item: External, known_fingerprint: str) -> None:
        """This key was there: with the same content, or for something else?"""
        if known_fingerprint == item.fingerprint():
            self.duplicates += 1
        else:
            self.refuse(item, KeyReuse())


def accept(items: Sequence[External], *, scope: str, cause: Cause, now: datetime) -> Accepted:
    """Write down the events that are fit and new; customers nobody knows are made, without consent.

    Keys belong to their `scope` ("token:3", "connection:7"). A key that came before with the same
    content is a duplicate, with other content KeyReuse. May be repeated.
    """
    answer = Accepted()
    with transaction.atomic():
        new = _not_known(_fit(items, answer), scope, answer)
        people = _people({item.customer for item in new}, cause, now)
        rows: list[tuple[External, Event]] = []
        for item in new:
            match people[item.customer]:
                case Customer() as customer:
                    rows.append((item, _row(item, scope, customer, cause, now)))
                case LoyaltyError() as error:
                    answer.refuse(item, error)
        events.write([row for _item, row in rows])
        _count(rows, answer)
    answer.errors.sort(key=lambda refused: refused.index)
    return answer


def _fit(items: Sequence[External], answer: Accepted) -> list[External]:
    fit = []
    for item in items:
        try:
            fit.append(item.clean())
        except LoyaltyError as error:
            answer.refuse(item, error)
    return fit


def _not_known(items: list[External], scope: str, answer: Accepted) -> list[External]:
    """Without those that came before, in earlier calls or earlier in this one."""
    known = {
        stored_key: fingerprint
        for stored_key, (_pk, fingerprint) in _stored(
            _scoped(item, scope) for item in items
        ).items()
    }
    new = []
    for item in items:
        stored_key = _scoped(item, scope)
        if stored_key in known:
            answer.compare(item, known[stored_key])
        else:
            known[stored_key] = item.fingerprint()
            new.append(item)
    return new


def _people(whos: set[Who], cause: Cause, now: datetime) -> dict[Who, Customer | LoyaltyError]:
    """The customer behind each name, or why there is none. New ones are made in a fixed order, so
    that two callers who bring the same people do not wait for each other."""
    people: dict[Who, Customer | LoyaltyError] = {}
    for who, customer in sorted(customers.find_each(whos).items(), key=str):
        try:
            people[who] = customer or customers.find_or_create(who, cause=cause, now=now)[0]
        except LoyaltyError as error:
            people[who] = error
    return people


def _row(item: External, scope: str, customer: Customer, cause: Cause, now: datetime) -> Event:
    return Event(
        name=item.name,
        key=_scoped(item, scope),
        fingerprint=item.fingerprint(),
        shard=events.shard_of(customer.subject),
        customer=customer,
        data=item.data,
        cause=cause.text,
        depth=cause.depth,
        occurred_at=item.occurred_at or now,
        created_at=now,
    )


def _count(rows: list[tuple[External, Event]], answer: Accepted) -> None:
    """Which of them are ours: a twin may have written the same keys at the same moment."""
    stored = _stored(row.key for _item, row in rows)
    for item, row in rows:
        pk, fingerprint = stored[row.key]
        if pk == row.pk:
            answer.accepted += 1
        else:
            answer.compare(item, fingerprint)


def _stored(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Event.objects.filter(key__in=list(keys)).values_list("key", "pk", "fingerprint")
    return {stored_key: (pk, fingerprint) for stored_key, pk, fingerprint in rows}


def _scoped(item: External, scope: str) -> str:
    return f"{scope}:{item.key}"
