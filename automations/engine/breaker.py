"""The fuse of an automation whose steps keep failing: it goes back to Draft, its people are held.

Each batch notes how many journeys it moved and how many of them failed, by automation, shard and
five minutes, so that no two pumps meet on a row. The sum over the last hour decides. What has to be
done is done after the batch was written, in a transaction of its own: it holds people of all
shards, and a pump that waited for another one while it holds its own journeys could wait for ever.
If the process dies in between, the next failure trips the fuse.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from automations.engine import journeys
from automations.engine.rows import Rows
from automations.models import Automation, Pulse
from automations.models.automation import Mode

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
STRIDE = timedelta(minutes=5)


def note(rows: Rows, now: datetime) -> list[int]:
    """Write down how many journeys of each automation a batch moved, and for how many of them a
    step failed that had not failed for them before; says which automations have had too much."""
    if walked := rows.walked():
        _add(walked, rows.failed, _stride_of(now))
    failing = {*rows.failed, *rows.failed_again.values()}
    return [pk for pk in sorted(failing) if _is_too_much(pk, now)]


def trip(automations: Iterable[int], now: datetime) -> None:
    """Set those that still work back to Draft, and say why; then hold their people. Repeatable."""
    for automation_id in automations:
        try:
            if stopped := _stop(automation_id, now):
                log.warning("automation %d is a Draft again: its steps keep failing", automation_id)
                journeys.hold(stopped)
        except Error:
            # Staff are at work on it; the next failure trips it.
            log.exception("automation %d could not be set back to Draft", automation_id)


def _stop(automation_id: int, now: datetime) -> Automation | None:
    with transaction.atomic():
        locked = Automation.objects.select_for_update(no_key=True).get(pk=automation_id)
        moved, failed = _last_hour(automation_id, now)
        if not locked.is_working or not failed:
            return None
        locked.mode, locked.lets_finish, locked.changed_at = Mode.DRAFT, False, now
        locked.draft_note = _(
            "In the last hour a step failed for %(failed)d of the %(moved)d journeys that moved."
        ) % {"failed": failed, "moved": moved}
        locked.save(update_fields=["mode", "lets_finish", "draft_note", "changed_at"])
        # Published again, it starts with a new fuse.
        Pulse.objects.filter(automation=locked).delete()
        rows = Rows()
        rows.hit(automation_id, "breaker", 0)
        rows.write(now)
    return locked


def _is_too_much(automation_id: int, now: datetime) -> bool:
    moved, failed = _last_hour(automation_id, now)
    is_many: bool = failed >= settings.BREAKER_FAILURES
    return is_many and 100 * failed >= settings.BREAKER_PERCENT * moved


def _last_hour(automation_id: int, now: datetime) -> tuple[int, int]:
    recent = Pulse.objects.filter(automation=automation_id, at__gt=now - WINDOW, at__lte=now)
    found = recent.aggregate(moved=Sum("moved"), failed=Sum("failed"))
    return found["moved"] or 0, found["failed"] or 0


def _stride_of(now: datetime) -> datetime:
    seconds = int(STRIDE.total_seconds())
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=UTC)


def _add(walked: Mapping[tuple[int, int], int], failed: Mapping[int, int], at: datetime) -> None:
    """One upsert. What is too old goes with the first batch of the next five minutes."""
    table = connection.ops.quote_name(Pulse._meta.db_table)
    moment = connection.ops.adapt_datetimefield_value(at)
    values: list[int | str | datetime | None] = []
    for (automation_id, shard), moved in sorted(walked.items()):
        values += (automation_id, shard, moment, moved, failed.get(automation_id, 0))
    places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(walked))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (automation_id, shard, at, moved, failed) VALUES {places} "
            "ON CONFLICT (automation_id, shard, at) DO UPDATE "
            f"SET moved = {table}.moved + excluded.moved, "
            f"failed = {table}.failed + excluded.failed",
            values,
        )
    for shard in {shard for _automation, shard in walked}:
        if _cleaned_at.get(shard) != at:
            _cleaned_at[shard] = at
            Pulse.objects.filter(shard=shard, at__lt=at - WINDOW).delete()


_cleaned_at: dict[int, datetime] = {}
