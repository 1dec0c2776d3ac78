"""Whose turn it is with a message. A claim is a token and a lease; without the token nothing that
comes back is written, so a dispatcher that slept through its lease cannot undo another's work."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from messaging.models import Message
from messaging.models.message import MessageState

logger = logging.getLogger(__name__)

# Longer than a carrier may take (20 s), and short enough that a killed worker is soon made up for.
LEASE = timedelta(seconds=30)
AT_ONCE = 10
OPEN = (MessageState.QUEUED, MessageState.SENDING)
CLOSED = tuple(state for state in MessageState if state not in OPEN)


def waiting(now: datetime) -> QuerySet[Message]:
    """What is due: queued, or claimed by somebody who has not come back in time."""
    return Message.objects.filter(state__in=OPEN, due_at__lte=now)


def claim(now: datetime) -> list[Message]:
    """Take up to `AT_ONCE` of the messages due longest; each claim counts as an attempt."""
    if not waiting(now).exists():  # on SQLite a transaction is the write lock: not for nothing
        return []
    token = secrets.token_hex(16)
    with transaction.atomic():
        rows = waiting(now).select_for_update(skip_locked=True).order_by("due_at", "pk")
        taken = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        Message.objects.filter(pk__in=taken).update(
            token=token, due_at=now + LEASE, attempts=F("attempts") + 1
        )
    claimed = Message.objects.filter(pk__in=taken, token=token).order_by("pk")
    # A sender whose secrets cannot be read must not keep the others' messages from being read.
    return list(claimed.select_related("customer", "template", "sender").defer("sender__settings"))


def give_back(messages: Sequence[Message], now: datetime) -> None:
    """Return what was claimed and not begun, as if it had not been."""
    for message in messages:
        record(message, due_at=now, attempts=message.attempts - 1)


def record(message: Message, **changes: Any) -> bool:
    """Write changes to a message that is still ours; False, and nothing written, if it is not."""
    if "note" in changes:
        changes["note"] = str(changes["note"])[:250]
    # Asked for as open, PostgreSQL may read the whole index of what is due for the sake of one row.
    ours = Message.objects.filter(pk=message.pk, token=message.token).exclude(state__in=CLOSED)
    if not ours.update(**changes):
        logger.warning("Message %d was taken over while it was worked on.", message.pk)
        return False
    for name, value in changes.items():
        setattr(message, name, value)
    return True
