"""How somebody becomes a customer: found, or made once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty import events
from loyalty.causes import Cause
from loyalty.customers.details import Details
from loyalty.customers.matching import IDENTIFIERS, Who, find, find_each
from loyalty.errors import CustomerConflict, Invalid
from loyalty.models.consent import Consent
from loyalty.models.customer import Customer

NAMES = (*IDENTIFIERS, "first_name", "last_name")

# Somebody else may make the same customer between our look and our insert; then we look again.
TRIES = 3
LONGEST_SOURCE = 120
NOTHING_SHOWN: Mapping[str, str] = {}


def join(
    details: Details, *, cause: Cause, now: datetime, proofs: Mapping[str, str] = NOTHING_SHOWN
) -> tuple[Customer, bool]:
    """The customer of these details, and whether we just made them. May be repeated.

    `proofs` are the words that were shown to them, by channel.

    A match is returned unchanged. Details that match two people raise CustomerConflict, details
    that name nobody Invalid. Whoever did not say yes to a channel has said no.
    """
    clean = details.clean()
    if not any(clean[name] for name in NAMES):
        raise Invalid({"email": [_("Say an email, a phone number, an external id or a name.")]})
    for _try in range(TRIES):
        if match := _only_match(clean):
            return match, False
        if made := _make(clean, cause=cause, now=now, proofs=proofs):
            return made, True
    raise CustomerConflict


def find_or_create(
    who: Who, *, details: Details | None = None, cause: Cause, now: datetime
) -> tuple[Customer, bool]:
    """The first match, else a new customer, without consent unless `details` bring it.

    For orders and events, which may name customers we do not know. Raises Invalid for an id that
    nobody has, and where nobody is named.
    """
    who = who.clean()
    if not who:
        raise Invalid({"customer": [_("Say who: id, external_id, email or phone.")]})
    named = {name: getattr(who, name) for name in IDENTIFIERS if getattr(who, name)}
    for _try in range(TRIES):
        if match := find(who):
            return match, False
        if made := _make((details or Details()).clean() | named, cause=cause, now=now):
            return made, True
    raise CustomerConflict


def _only_match(clean: dict[str, Any]) -> Customer | None:
    alone = [Who(**{name: clean[name]}) for name in IDENTIFIERS if clean[name]]
    matches = {customer.pk: customer for customer in find_each(alone).values() if customer}
    if len(matches) > 1:
        raise CustomerConflict
    return next(iter(matches.values()), None)


def _make(
    clean: dict[str, Any],
    *,
    cause: Cause,
    now: datetime,
    proofs: Mapping[str, str] = NOTHING_SHOWN,
) -> Customer | None:
    """A new customer with all that follows; None where another customer has one of these names."""
    columns = {name: value for name, value in clean.items() if name != "consent"}
    consent = clean["consent"]
    customer = Customer(**columns, consents=consent, created_at=now, changed_at=now)
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
            record_consent(customer, consent, source=cause.text, now=now, proofs=proofs)
            events.emit(
                events.CustomerCreated(),
                key=f"customer:{customer.pk}:created",
                customer_id=customer.pk,
                cause=cause,
                now=now,
            )
    except IntegrityError:
        return None
    return customer


def record_consent(
    customer: Customer,
    given: dict[str, bool],
    *,
    source: str,
    now: datetime,
    proofs: Mapping[str, str] = NOTHING_SHOWN,
) -> None:
    """Add to the history of what they said; `source` is cut where its column ends."""
    source = source[:LONGEST_SOURCE]
    Consent.objects.bulk_create(
        Consent(
            customer=customer,
            channel=channel,
            is_given=yes,
            source=source,
            proof=proofs.get(channel, ""),
            at=now,
        )
        for channel, yes in given.items()
    )
