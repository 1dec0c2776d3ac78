"""What people do with an export: ask for one, delete it; and what becomes of it when somebody in it
is forgotten."""

import json
from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty.cleaning import choice, cleaned
from loyalty.errors import IllegalOperation, KeyReuse
from loyalty.exports.apart import wait_for_erasures
from loyalty.exports.formats import FORMATS
from loyalty.exports.tables import TABLES
from loyalty.models import Customer, Export, ExportChunk, ExportPart
from loyalty.models.exporting import ExportState

# A file holds personal data: whoever has not fetched it by then asks anew.
KEPT = timedelta(days=7)
MOST_KEPT = 100
WITH_A_FILE = (ExportState.RUNNING, ExportState.FINISHED)
PARTS_AT_ONCE = 100
_CLEANERS = {"table": choice(*TABLES), "format": choice(*FORMATS)}


def begin(
    customers: Iterable[int],
    *,
    table: str,
    kind: str,
    actor: str,
    key: str = "",
    fingerprint: str = "",
    now: datetime,
) -> tuple[Export, bool]:
    """Ask for a table of these customers (their ids, in order) as a `csv` or `xlsx`; it is written
    in the background. Says whether it is a new one.

    Who is in it is settled now, what it says of them when it is written. With a `key` it may be
    repeated: the same key and fingerprint is the same export, another one KeyReuse. Raises Invalid,
    and IllegalOperation where there are too many files already.
    """
    said = cleaned({"table": table, "format": kind}, _CLEANERS)
    if known := _known(key, fingerprint):
        return known, False
    if Export.objects.filter(state__in=WITH_A_FILE).count() >= MOST_KEPT:
        raise IllegalOperation(_("There are %d exports already: delete some first.") % MOST_KEPT)
    pks = array("q", customers)
    row = Export(
        **said,
        actor=actor,
        key=key or None,
        fingerprint=fingerprint,
        customers=len(pks),
        created_at=now,
        expires_at=now + KEPT,
    )
    try:
        _write(row, list(_bites(pks, TABLES[table].bite)))
    except IntegrityError:
        if known := _known(key, fingerprint):  # somebody else was faster
            return known, False
        raise
    return row, True


def _known(key: str, fingerprint: str) -> Export | None:
    known = Export.objects.filter(key=key).first() if key else None
    if known and known.fingerprint != fingerprint:
        raise KeyReuse
    return known


def _write(row: Export, bites: "list[array[int]]") -> None:
    parts = (
        ExportPart(
            source=row,
            number=number,
            first=bite[0] if bite else 0,
            last=bite[-1] if bite else 0,
            customers=json.dumps(bite.tolist()),
        )
        for number, bite in enumerate(bites)
    )
    row.parts = len(bites)
    with transaction.atomic():
        wait_for_erasures()
        row.save(force_insert=True)
        ExportPart.objects.bulk_create(parts, batch_size=PARTS_AT_ONCE)


def _bites(pks: "array[int]", size: int) -> "Iterator[array[int]]":
    """One at least: a file about nobody has a header."""
    for start in range(0, max(len(pks), 1), size):
        yield pks[start : start + size]


def cancel(source: Export, *, note: str = "") -> Export:
    """Stop writing it, and delete what is written. May be repeated."""
    with transaction.atomic():
        row = Export.objects.select_for_update(no_key=True).get(pk=source.pk)
        if row.state != ExportState.DELETED:
            drop_file(row, ExportState.DELETED, note)
    return row


def drop_file(row: Export, state: ExportState, note: str) -> None:
    """All that is written, in the caller's transaction, which holds the row's lock."""
    row.state, row.note = state, note[:250]
    row.save(update_fields=["state", "note"])
    ExportPart.objects.filter(source=row).delete()
    ExportChunk.objects.filter(source=row).delete()


def forget(customer_id: int) -> None:
    """Delete every file that says something of that customer, also under the number of somebody who
    was found to be them, in the caller's transaction."""
    pointers = Customer.objects.filter(merged_into=customer_id).values_list("pk", flat=True)
    for pk in (customer_id, *pointers):
        for source in Export.objects.filter(pk__in=_with(pk)).order_by("pk"):
            said = _("Somebody who is in it asked to be forgotten. Export it anew.")
            cancel(source, note=said)


def _with(customer_id: int) -> list[int]:
    """The exports that have a file, or will have one, with that number in it."""
    kept = Export.objects.filter(state__in=WITH_A_FILE).values("pk")
    near = ExportPart.objects.filter(
        source__in=kept, first__lte=customer_id, last__gte=customer_id
    ).values_list("source_id", "customers")
    return [source for source, customers in near if customer_id in json.loads(customers)]
