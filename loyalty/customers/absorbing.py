"""One customer goes into another: what was known of the one is known of the other."""

from collections.abc import Collection
from datetime import datetime

from loyalty import events
from loyalty.causes import Cause
from loyalty.customers.details import CONTACT
from loyalty.customers.matching import IDENTIFIERS
from loyalty.models.consent import Consent
from loyalty.models.customer import Customer


def absorb(
    gone: Customer, kept: Customer, *, without: Collection[str], cause: Cause, now: datetime
) -> None:
    """Fill the kept one's gaps and empty the other, who stays as a pointer to them; both rows are
    locked. A name (email, phone, external id) that the kept one has already stays with the pointer,
    so that it still finds them. The texts that they are to be `without` are forgotten.
    """
    for name in without:
        setattr(gone, name, "")
    filled = [
        name
        for name in CONTACT
        if name != "attributes" and getattr(gone, name) and not getattr(kept, name)
    ]
    values = {name: getattr(gone, name) for name in filled}
    known = {name: getattr(gone, name) for name in IDENTIFIERS if name not in filled}
    _point(gone, kept, known, now)
    for name, value in values.items():
        setattr(kept, name, value)
    before = kept.consents
    kept.consents = _agreed(gone.consents, kept.consents)
    kept.tags = list(dict.fromkeys([*kept.tags, *gone.tags]))
    kept.attributes = gone.attributes | kept.attributes
    kept.created_at = min(kept.created_at, gone.created_at)
    kept.changed_at = now
    kept.save()
    Consent.objects.filter(customer=gone).update(customer=kept)
    source = f"customer:{gone.pk}"
    for channel, given in kept.consents.items():
        if before.get(channel) is not given:
            events.emit(
                events.ConsentChanged(channel, given, source),
                key=f"{source}:merged:{channel}",
                customer_id=kept.pk,
                cause=cause,
                now=now,
            )


def _point(gone: Customer, kept: Customer, known: dict[str, str], now: datetime) -> None:
    pointer = Customer(
        pk=gone.pk, created_at=gone.created_at, changed_at=now, erased_at=now, merged_into=kept
    )
    for name, value in known.items():
        setattr(pointer, name, value)
    pointer.save(force_update=True)
    Customer.objects.filter(merged_into=gone).update(merged_into=kept)


def _agreed(one: dict[str, bool], other: dict[str, bool]) -> dict[str, bool]:
    """A no that either has said stays a no, whenever it was said; a yes counts where the other was
    silent."""
    channels = {*one, *other}
    return {
        name: one.get(name) is not False and other.get(name) is not False
        for name in sorted(channels)
    }
