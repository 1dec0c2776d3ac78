"""Forgetting somebody: the row stays, empty, because the ledger points at it."""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from loyalty import cards, events, personal_data, rfm, segments
from loyalty.causes import Cause
from loyalty.customers.changing import lock
from loyalty.ledger.notes import forget_notes
from loyalty.models.customer import Customer


def erase(customer: Customer, *, cause: Cause, now: datetime) -> None:
    """Empty the customer, delete their cards, blank what was typed about them, tell it once.

    Journeys that wait for them end by themselves. Somebody who was erased before is left alone.
    """
    with transaction.atomic():
        for hold_still in personal_data.lockers:
            hold_still()
        rows = lock([customer.pk])
        if not rows:
            return
        cards.delete_all(rows[0], cause=cause, now=now)
        forget_notes(customer.pk)
        events.wipe(customer.pk)
        rfm.forget(customer.pk)
        segments.forget(customer.pk)
        _forget_in_staffs_log(customer)
        for forget in personal_data.holders:
            forget(customer.pk)
        _empty(rows[0], now)
        events.emit(
            events.CustomerDeleted(),
            key=f"customer:{customer.pk}:deleted",
            customer_id=customer.pk,
            cause=cause,
            now=now,
        )


def _empty(customer: Customer, now: datetime) -> None:
    nobody = Customer(pk=customer.pk, created_at=customer.created_at, changed_at=now, erased_at=now)
    nobody.save(force_update=True)
    customer.pointers.update(email="", phone="", phone_key="", external_id="")
    customer.consent_history.update(source="", proof="")


def _forget_in_staffs_log(customer: Customer) -> None:
    """Django's admin notes what a row was called when staff changed it."""
    for pk in (customer.pk, *customer.pointers.values_list("pk", flat=True)):
        rows = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Customer), object_id=str(pk)
        )
        rows.update(object_repr=f"#{pk}")
