"""What changes of a customer after they joined, each change with its news."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from loyalty import bulk, events
from loyalty.causes import Cause
from loyalty.cleaning import cleaned
from loyalty.customers import details
from loyalty.customers.joining import NOTHING_SHOWN, record_consent
from loyalty.customers.matching import IDENTIFIERS
from loyalty.errors import CustomerConflict, NotFound
from loyalty.models.customer import Customer


def lock(ids: Iterable[int]) -> list[Customer]:
    """Those customers as they are now, locked in one statement; erased ones are left out.

    Customers are locked before any account is, and once in a transaction.
    """
    rows = Customer.objects.present().filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def change(
    customer: Customer, changes: Mapping[str, Any], *, cause: Cause, now: datetime
) -> Customer:
    """Set the fields that are given (those of `Details`); gives back the row as it is now.

    Tags replace all tags, consent is set for the channels it names. Raises Invalid,
    CustomerConflict (another customer has that email, phone or external id) and NotFound (erased).
    Repeated, it changes nothing and tells nothing.
    """
    clean = cleaned(changes, details.CLEANERS)
    with transaction.atomic():
        row = _lock_one(customer)
        news = _Changes(row, cause, now)
        news.set_contact({name: clean[name] for name in details.CONTACT if name in clean})
        if "tags" in clean:
            news.set_tags(clean["tags"])
        news.set_consent(clean.get("consent", {}), source=cause.text)
        news.save()
    return row


def set_consent(
    customer: Customer,
    channel: str,
    given: bool,
    *,
    source: str,
    proof: str = "",
    cause: Cause,
    now: datetime,
) -> Customer:
    """Record a yes or no; `source` says where they said it, `proof` the words that were shown.
    The same answer again is no news."""
    clean = cleaned({"consent": {channel: given}}, details.CLEANERS)
    with transaction.atomic():
        row = _lock_one(customer)
        news = _Changes(row, cause, now)
        news.set_consent(clean["consent"], source=source, proofs={channel: proof})
        news.save()
    return row


# --- In a batch -----------------------------------------------------------------------------------


def tagged(
    customer: Customer, tag: str, cause: Cause, now: datetime, key: str
) -> list[events.Draft]:
    """Put a tag on a locked row in memory; gives the news to write with it (none if it was there).

    For the engine, which writes many rows at once: `flush`.
    """
    if tag in customer.tags:
        return []
    customer.tags = [*customer.tags, tag]
    fact = events.TagAdded(tag=tag)
    return [events.draft(fact, key=key, customer_id=customer.pk, cause=cause, now=now)]


def untagged(
    customer: Customer, tag: str, cause: Cause, now: datetime, key: str
) -> list[events.Draft]:
    """The same for taking a tag away."""
    if tag not in customer.tags:
        return []
    customer.tags = [each for each in customer.tags if each != tag]
    fact = events.TagRemoved(tag=tag)
    return [events.draft(fact, key=key, customer_id=customer.pk, cause=cause, now=now)]


def attributed(
    customer: Customer, name: str, value: Any, cause: Cause, now: datetime, key: str
) -> list[events.Draft]:
    """The same for an attribute, whose value was made fit; None takes it away. Raises Unfit where
    the customer has too many."""
    before = customer.attributes
    after = {each: kept for each, kept in before.items() if each != name}
    if value is not None:
        after[name] = value
    if after == before and type(after.get(name)) is type(before.get(name)):
        return []
    customer.attributes = details.all_attributes(after)
    fact = events.CustomerUpdated(fields=("attributes",))
    return [events.draft(fact, key=key, customer_id=customer.pk, cause=cause, now=now)]


def flush(rows: Sequence[Customer], now: datetime) -> None:
    """Write what these changed, in one statement."""
    for row in rows:
        row.changed_at = now
    bulk.update(Customer, rows, ["tags", "attributes", "changed_at"])


# --- How ------------------------------------------------------------------------------------------


def _lock_one(customer: Customer) -> Customer:
    rows = lock([customer.pk])
    if not rows:
        raise NotFound
    return rows[0]


class _Changes:
    """What is being changed of one locked customer, and the facts that will tell of it."""

    def __init__(self, customer: Customer, cause: Cause, now: datetime) -> None:
        self.customer = customer
        self.cause = cause
        self.now = now
        self.facts: list[events.Fact] = []

    def set_contact(self, values: dict[str, Any]) -> None:
        changed = [name for name, value in values.items() if getattr(self.customer, name) != value]
        for name in changed:
            if name in IDENTIFIERS and values[name]:  # theirs since they were merged
                self.customer.pointers.filter(**{name: values[name]}).update(**{name: ""})
            setattr(self.customer, name, values[name])
        if changed:
            self.facts.append(events.CustomerUpdated(fields=tuple(changed)))

    def set_tags(self, tags: list[str]) -> None:
        before, after = self.customer.tags, list(dict.fromkeys(tags))
        self.customer.tags = after
        self.facts += [events.TagAdded(tag) for tag in after if tag not in before]
        self.facts += [events.TagRemoved(tag) for tag in before if tag not in after]

    def set_consent(
        self, given: dict[str, bool], *, source: str, proofs: Mapping[str, str] = NOTHING_SHOWN
    ) -> None:
        known = self.customer.consents
        news = {channel: yes for channel, yes in given.items() if known.get(channel) is not yes}
        self.customer.consents = known | news
        record_consent(self.customer, news, source=source, now=self.now, proofs=proofs)
        self.facts += [events.ConsentChanged(name, yes, source) for name, yes in news.items()]

    def save(self) -> None:
        if not self.facts:
            return
        self.customer.changed_at = self.now
        try:
            with transaction.atomic():
                self.customer.save()
        except IntegrityError:
            raise CustomerConflict from None
        events.write([self._draft(fact) for fact in self.facts])

    def _draft(self, fact: events.Fact) -> events.Draft:
        stem = f"customer:{self.customer.pk}:{fact.name}"
        return events.draft(
            fact,
            key=events.new_key(stem),
            customer_id=self.customer.pk,
            cause=self.cause,
            now=self.now,
        )
