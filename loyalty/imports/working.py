"""The background's part: read, check and run whatever is to be, part by part.

A part is one transaction that also moves the import's cursor: a death anywhere is a rollback, and
whoever comes next does that part, once.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import DataError, Error, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty import clock
from loyalty.errors import LoyaltyError
from loyalty.imports import deciding
from loyalty.imports.batch import Batch, Outcome
from loyalty.imports.columns import CONSENTS, Layout
from loyalty.imports.lines import Line, Reader, Refused
from loyalty.imports.reading import read_on, rows_of
from loyalty.models import Business, Import, ImportPart, ImportProblem, Plan, Program, Tier
from loyalty.models.importing import ImportState

TRIES = 3
AT_WORK = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.RUNNING)
OVER = (ImportState.FINISHED, ImportState.CANCELLED)

log = logging.getLogger(__name__)


class _UndoneError(Exception):
    """A check takes back what it did."""


def due(now: datetime) -> list[int]:
    """The imports that go on by themselves, and those that nobody came back for: one that failed
    still has its lines, so that it can go on."""
    has_lines = Q(pk__in=ImportPart.objects.values("source"))
    left = Q(changed_at__lte=now - deciding.KEPT) & ~Q(state__in=OVER) & has_lines
    found = Import.objects.filter(Q(state__in=AT_WORK) | left)
    return list(found.order_by("pk").values_list("pk", flat=True))


def work(pk: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Go on with one import for so many seconds; says how many lines. Anybody may, at any time."""
    source = Import.objects.filter(pk=pk).first()
    if source is None:
        return 0
    try:
        return _work(source, now, budget)
    except Error:
        raise  # of the database: it will be tried again
    except Exception:
        log.exception("Import %d failed", pk)
        _set_aside(pk, now or clock.now())
        return 1


def _work(source: Import, now: datetime | None, budget: float) -> int:
    moment = now or clock.now()
    if source.state == ImportState.UPLOADED:
        done = read_on(source, now=moment, budget=budget)
        _go_on(source.pk, moment)
        return done
    if source.state not in {ImportState.CHECKING, ImportState.RUNNING}:
        deciding.cancel(source, now=moment)
        return 1
    done, end = 0, time.monotonic() + budget
    reader, zone = reader_of(source, moment), Business.get().time_zone
    while ImportPart.objects.filter(source=source, number=source.cursor).exists():
        lines = _do_part(source, reader, zone, now or clock.now())
        if not lines:
            return done or 1
        done += lines
        if time.monotonic() > end:
            return done
    return done + _end(source, moment)


def reader_of(source: Import, now: datetime) -> Reader:
    """Who understands its rows."""
    programs = list(Program.objects.filter(is_active=True))
    named = {program.name.casefold(): program for program in programs}
    named |= {program.slug.casefold(): program for program in programs}
    plans: dict[int, list[Plan]] = {}
    for plan in Plan.objects.order_by("pk"):
        plans.setdefault(plan.program_id, []).append(plan)
    layout = Layout.of(source.layout)
    return Reader(
        layout=layout,
        headers=source.headers,
        program=source.program,
        programs=named,
        plans=plans,
        tiers={said.casefold(): tier for tier in Tier.objects.all() for said in _called(tier)},
        with_consent=bool(source.proof and set(CONSENTS) & set(layout.columns)),
        zone=Business.get().time_zone,
        now=now,
    )


def _called(tier: Tier) -> tuple[str, str]:
    return tier.slug, tier.name


# --- One part -------------------------------------------------------------------------------------


def _do_part(source: Import, reader: Reader, zone: str, now: datetime) -> int:
    """All of it with the move of the cursor, or none; says how many lines, 0 where somebody else
    was faster. It is understood before anything is locked, and again where it changed meanwhile:
    somebody who was forgotten may be out of it by now."""
    parts = ImportPart.objects.filter(source=source, number=source.cursor)
    before = parts.first()
    said = [reader.read(each) for each in rows_of(before)] if before else []
    with transaction.atomic():
        here = Import.objects.select_for_update(no_key=True, skip_locked=True)
        row = here.filter(pk=source.pk, state=source.state, cursor=source.cursor).first()
        part = parts.first()
        if row is None or part is None:
            return 0
        if before is None or part.content != before.content:
            said = [reader.read(each) for each in rows_of(part)]
        lines = [each for each in said if isinstance(each, Line)]
        refused = [each for each in said if isinstance(each, Refused)]
        outcome = _outcome(row, lines, zone, now)
        outcome.problems += refused
        ImportProblem.objects.bulk_create(
            ImportProblem(source=row, line=each.number, text=each.text) for each in outcome.problems
        )
        row.cursor += 1
        row.done += len(said)
        row.refused += len(outcome.problems)
        for name in ("made", "changed", "known", "cards_issued", "balances_given"):
            setattr(row, name, getattr(row, name) + getattr(outcome, name))
        row.changed_at = now
        row.save(update_fields=["cursor", "changed_at", *deciding.COUNTED])
    source.cursor = row.cursor
    return len(said)


def _outcome(source: Import, lines: Sequence[Line], zone: str, now: datetime) -> Outcome:
    """Together; one by one where the database refuses, so that one line stops no other."""
    for _try in range(TRIES):
        try:
            return _tried(source, lines, zone, now)
        except (IntegrityError, DataError) as problem:
            log.info("Import %d: %s", source.pk, type(problem).__name__)
    outcome = Outcome()
    for line in lines:
        try:
            outcome.add(_tried(source, [line], zone, now))
        except (IntegrityError, DataError):
            said = _("The database did not take this line.")
            outcome.add(Outcome(problems=[Refused(line.number, said)]))
    return outcome


def _tried(source: Import, lines: Sequence[Line], zone: str, now: datetime) -> Outcome:
    outcome = Outcome()
    try:
        with transaction.atomic():
            outcome = Batch(source, lines, zone=zone, now=now).do()
            if source.state == ImportState.CHECKING:
                raise _UndoneError
    except _UndoneError:
        pass
    return outcome


# --- From one state to the next -------------------------------------------------------------------


def _go_on(pk: int, now: datetime) -> None:
    """What was read is checked or done at once, if that was said when it was sent."""
    source = Import.objects.get(pk=pk)
    if source.state != ImportState.READ or not source.goes_on_to:
        return
    verb = deciding.start if source.goes_on_to == ImportState.RUNNING else deciding.check
    try:
        verb(source, now=now)
    except LoyaltyError as refused:
        texts = [text for each in getattr(refused, "fields", {}).values() for text in each]
        _leave(pk, [ImportState.READ], ImportState.FAILED, now, " ".join(texts) or refused.message)


def _end(source: Import, now: datetime) -> int:
    """Nothing is left to do of it."""
    if source.state == ImportState.CHECKING:
        _leave(source.pk, [ImportState.CHECKING], ImportState.CHECKED, now)
        return 1
    with transaction.atomic():
        if _leave(source.pk, [ImportState.RUNNING], ImportState.FINISHED, now):
            deciding.forget(source)
    return 1


def _set_aside(pk: int, now: datetime) -> None:
    said = _("Something went wrong on our side. What is done is done once; you can go on.")
    _leave(pk, AT_WORK, ImportState.FAILED, now, said)


def _leave(
    pk: int, before: Iterable[ImportState], after: ImportState, now: datetime, note: str = ""
) -> bool:
    found = Import.objects.filter(pk=pk, state__in=list(before))
    return bool(found.update(state=after, note=note[:250], changed_at=now))
