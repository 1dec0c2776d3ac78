"""What people do with an import: send a file, say what it means, check, start, pause, cancel it."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty.cleaning import choice, cleaned
from loyalty.cleaning import text as text_up_to
from loyalty.errors import IllegalOperation, Invalid, KeyReuse, NotFound, ReservedName
from loyalty.events import RESERVED
from loyalty.imports.cells import Unreadable
from loyalty.imports.columns import CONSENTS, Layout
from loyalty.imports.files import LARGEST_CSV, format_of
from loyalty.models import Import, ImportChunk, ImportPart, ImportProblem, Program
from loyalty.models.importing import Balances, Existing, ImportState

CHUNK = 1024 * 1024
COUNTED = ("done", "made", "changed", "known", "refused", "cards_issued", "balances_given")
# Whoever left a file lying so long does not want it; what it holds is personal.
KEPT = timedelta(days=14)
_CLEANERS = {
    "existing": choice(*Existing.values),
    "balances": choice(*Balances.values),
    "trigger": text_up_to(80),
    "proof": text_up_to(120),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to become of a file. `program`: everybody in it gets a card of that; `trigger`: the
    name of an event for everybody, "": nothing starts; `proof`: where and when they said yes."""

    program: Program | None = None
    existing: str = Existing.FILL
    balances: str = Balances.NEW
    trigger: str = ""
    proof: str = ""

    def clean(self) -> dict[str, Any]:
        """All of it made fit; raises Invalid, ReservedName."""
        said = cleaned({name: getattr(self, name) for name in _CLEANERS}, _CLEANERS)
        if said["trigger"] in RESERVED:
            raise ReservedName
        return said | {"program": self.program}


def upload(
    name: str,
    content: Iterable[bytes],
    *,
    wishes: Wishes,
    layout: dict[str, Any] | None = None,
    goes_on_to: str = "",
    actor: str,
    key: str = "",
    now: datetime,
) -> tuple[Import, bool]:
    """Take a file in; it is read in the background. Says whether it is a new one.

    `goes_on_to` is `checking` or `running` where nobody looks at it in between; `layout` may say
    some of what is guessed otherwise. With a `key` it may be repeated: the same key and file is the
    same import, another file under it KeyReuse. Raises Invalid, ReservedName and `Unreadable`.
    """
    said = wishes.clean()
    data = _whole(content)
    digest = hashlib.sha256(data).hexdigest()
    fingerprint = hashlib.sha256(f"{digest} {wishes} {layout} {goes_on_to}".encode()).hexdigest()
    with transaction.atomic():
        if key and (known := Import.objects.filter(key=key).first()):
            if known.fingerprint != fingerprint:
                raise KeyReuse
            return known, False
        row = Import.objects.create(
            **said,
            name=PurePath(name.replace("\\", "/")).name[:200] or "file",
            format=format_of(data[:8], len(data)),
            digest=digest,
            size=len(data),
            key=key or None,
            fingerprint=fingerprint,
            actor=actor,
            layout=layout or {},
            goes_on_to=goes_on_to,
            created_at=now,
            changed_at=now,
        )
        ImportChunk.objects.bulk_create(
            ImportChunk(source=row, number=number, data=data[start : start + CHUNK])
            for number, start in enumerate(range(0, len(data), CHUNK))
        )
    return row, True


def _whole(content: Iterable[bytes]) -> bytes:
    parts, size = [], 0
    for part in content:
        size += len(part)
        if size > LARGEST_CSV:
            said = _("The file is larger than %(most)d MB. Cut it into several.")
            raise Unreadable(said % {"most": LARGEST_CSV // CHUNK})
        parts.append(part)
    return b"".join(parts)


def understand(source: Import, layout: Layout, wishes: Wishes, *, now: datetime) -> Import:
    """Say what the columns mean and what is wanted; a check that was made is void then.

    Raises Invalid: also where a column says who said yes and nobody says where and when.
    """
    said = wishes.clean()
    _require_proof(layout, said["proof"])
    with _in_state(source, ImportState.READ, ImportState.CHECKED, now=now) as row:
        if len(layout.columns) != len(row.headers):
            raise Invalid({"columns": [_("Say what each column means, or leave it out.")]})
        row.layout = layout.as_json()
        for name, value in said.items():
            setattr(row, name, value)
        row.state = ImportState.READ
        row.save()
    return row


def check(source: Import, *, now: datetime) -> Import:
    """Do everything as if, and undo it: how many are new, and which lines cannot be taken."""
    with _in_state(source, ImportState.READ, ImportState.CHECKED, now=now) as row:
        _begin(row, ImportState.CHECKING)
    return row


def start(source: Import, *, now: datetime) -> Import:
    """Do it, in the background. May be repeated."""
    allowed = (ImportState.READ, ImportState.CHECKED, ImportState.RUNNING, ImportState.FINISHED)
    with _in_state(source, *allowed, now=now) as row:
        if row.state in {ImportState.READ, ImportState.CHECKED}:
            row.started_at = now
            _begin(row, ImportState.RUNNING)
    return row


def pause(source: Import, *, now: datetime) -> Import:
    """Stop behind the lines that are being done. May be repeated."""
    with _in_state(source, ImportState.RUNNING, ImportState.PAUSED, now=now) as row:
        row.state = ImportState.PAUSED
        row.save(update_fields=["state", "changed_at"])
    return row


def resume(source: Import, *, now: datetime) -> Import:
    """Go on where it was paused, or where it failed. May be repeated."""
    allowed = (ImportState.PAUSED, ImportState.FAILED, ImportState.RUNNING)
    with _in_state(source, *allowed, now=now) as row:
        if row.started_at is None:
            raise IllegalOperation(_("It was never started: send the file again."))
        row.state, row.note = ImportState.RUNNING, ""
        row.save(update_fields=["state", "note", "changed_at"])
    return row


def cancel(source: Import, *, now: datetime) -> Import:
    """Leave it at what is done, and forget the file. May be repeated."""
    with _in_state(source, *ImportState, now=now) as row:
        if not row.is_over or row.state == ImportState.FAILED:
            row.state = ImportState.CANCELLED
            row.save(update_fields=["state", "changed_at"])
            forget(row)
    return row


def forget(source: Import) -> None:
    """Nothing of what the file says is kept."""
    ImportChunk.objects.filter(source=source).delete()
    ImportPart.objects.filter(source=source).delete()


def _begin(row: Import, state: ImportState) -> None:
    try:
        _require_proof(Layout.of(row.layout), row.proof)
    except TypeError:
        raise Invalid({"columns": [_("Say what each column means, or leave it out.")]}) from None
    ImportProblem.objects.filter(source=row).delete()
    row.state, row.cursor = state, 0
    for name in COUNTED:
        setattr(row, name, 0)
    row.save()


def _require_proof(layout: Layout, proof: str) -> None:
    if set(CONSENTS) & set(layout.columns) and not proof:
        said = _("Say where and when they said yes, or leave those columns out.")
        raise Invalid({"proof": [said]})


@contextmanager
def _in_state(source: Import, *allowed: str, now: datetime) -> Iterator[Import]:
    """The import under its lock; NotFound, or IllegalOperation where it is past that."""
    with transaction.atomic():
        row = Import.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
        if row is None:
            raise NotFound
        if row.state not in allowed:
            said = _("Not now: this import is “%s”.") % row.get_state_display()
            raise IllegalOperation(said)
        row.changed_at = now
        yield row
