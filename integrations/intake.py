"""Receipts: the only writer of their table. Kept at once, read later, each once.

A webhook is acknowledged when its row is committed. The worker claims rows one by one, in the
order in which they came, and lets what one says and the row's new state become true together.
"""

import logging
import random
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from integrations import connectors
from integrations.apply import apply
from integrations.arrivals import Envelope
from integrations.errors import Unreadable
from integrations.facts import Fact
from integrations.models import Connection, Receipt, ReceiptState
from loyalty import clock
from loyalty.errors import KeyReuse, LoyaltyError
from loyalty.merged import Merged
from loyalty.shapes import moment

logger = logging.getLogger(__name__)

# The database was busy or away, or somebody else made the same row at the same moment.
PASSES = (OperationalError, InterfaceError, IntegrityError)

MOST_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = 5, 3600  # seconds; twelve attempts take three to four hours


# --- At the door ----------------------------------------------------------------------------------


def keep(connection: Connection, envelope: Envelope, body: bytes, *, now: datetime) -> bool:
    """Store a verified webhook and say whether it is new; a repeated one changes nothing.

    Raises KeyReuse where the sender gave the id of an earlier webhook to something else.
    """
    receipt, is_new = Receipt.objects.get_or_create(
        connection=connection,
        key=envelope.key,
        defaults={"topic": envelope.topic, "body": body, "received_at": now, "due_at": now},
    )
    connector = connectors.named(connection.connector)
    kept = bytes(receipt.body)  # empty where its customer was forgotten
    if not is_new and kept and connector and not connector.says_the_same(kept, body):
        raise KeyReuse
    return is_new


# --- The bell -------------------------------------------------------------------------------------


def due(now: datetime) -> list[int]:
    """The connections that have something to be read."""
    waiting = Receipt.objects.filter(state=ReceiptState.RECEIVED, due_at__lte=now)
    return list(
        waiting.order_by("connection_id").values_list("connection_id", flat=True).distinct()
    )


def drain(connection_id: int, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Read what is due of one connection, for at most `budget` seconds; says how many receipts."""
    ends = time.monotonic() + budget
    handled = 0
    while time.monotonic() < ends:
        moment = now or clock.now()
        receipt = _claim(connection_id, moment)
        if receipt is None:
            break
        _handle(receipt, moment)
        handled += 1
    return handled


def read_again(receipts: QuerySet[Receipt], *, now: datetime) -> int:
    """Give rejected receipts another chance; says how many."""
    return receipts.filter(state=ReceiptState.REJECTED).update(
        state=ReceiptState.RECEIVED, attempts=0, note="", due_at=now, processed_at=None
    )


def forget(customer_id: int) -> None:
    """Drop the bodies of what was told of a customer who wants to be forgotten."""
    Receipt.objects.filter(customer_id=customer_id).update(body=b"")


def tell(customer_id: int) -> list[dict[str, Any]]:
    """What other systems told us of somebody, as they said it."""
    rows = Receipt.objects.filter(customer=customer_id).select_related("connection").order_by("pk")
    return [
        {
            "by": row.connection.name,
            "about": row.topic,
            "said": bytes(row.body).decode(errors="replace"),
            "at": moment(row.received_at),
        }
        for row in rows
    ]


def follow(merged: Merged) -> None:
    """What was told of the one was told of the other, and is forgotten with them."""
    Receipt.objects.filter(customer_id=merged.gone_id).update(customer_id=merged.kept_id)


def _claim(connection_id: int, now: datetime) -> Receipt | None:
    """The oldest due receipt, counted and put off *before* it is read: one that kills its worker
    must not come back at once, nor for ever."""
    with transaction.atomic():
        receipt = (
            Receipt.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(connection_id=connection_id, state=ReceiptState.RECEIVED, due_at__lte=now)
            .order_by("id")
            .first()
        )
        if receipt is not None:
            receipt.attempts += 1
            receipt.due_at = now + _pause(receipt.attempts)
            receipt.save(update_fields=["attempts", "due_at"])
    return receipt


def _pause(attempts: int) -> timedelta:
    seconds = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return timedelta(seconds=seconds * random.uniform(1, 1.25))  # noqa: S311 (spreads retries)


def _handle(receipt: Receipt, now: datetime) -> None:
    """Read a claimed receipt. Nothing that it holds can stop those behind it."""
    if receipt.attempts > MOST_ATTEMPTS:
        _reject(receipt, _("Given up after %d attempts.") % MOST_ATTEMPTS, now)
        return
    try:
        _read(receipt, now)
    except PASSES as error:
        logger.warning("Receipt %d is put off: %s", receipt.pk, type(error).__name__)
    except LoyaltyError as refusal:
        _reject(receipt, _in_words(refusal), now)
    except Exception:
        logger.exception("Receipt %d could not be read", receipt.pk)
        _reject(receipt, _("Something unexpected went wrong; our log has the details."), now)


def _read(receipt: Receipt, now: datetime) -> None:
    with transaction.atomic():
        # Whoever was slower than the pause finds that another worker has counted on.
        mine = Receipt.objects.filter(
            pk=receipt.pk, state=ReceiptState.RECEIVED, attempts=receipt.attempts
        )
        if mine.select_for_update(no_key=True).first() is None:
            return
        customers = [apply(fact, receipt.connection, now=now) for fact in _facts(receipt)]
        mine.update(
            state=ReceiptState.DONE if customers else ReceiptState.IGNORED,
            customer=next(filter(None, customers), None),
            processed_at=now,
        )


def _facts(receipt: Receipt) -> Iterable[Fact]:
    slug = receipt.connection.connector
    connector = connectors.named(slug)
    if connector is None:
        raise Unreadable(_("Nothing here reads “%s” any more.") % slug)
    return connector.facts(receipt.topic, bytes(receipt.body))


def _reject(receipt: Receipt, note: str, now: datetime) -> None:
    Receipt.objects.filter(pk=receipt.pk, state=ReceiptState.RECEIVED).update(
        state=ReceiptState.REJECTED, note=note[:500], processed_at=now
    )


def _in_words(refusal: LoyaltyError) -> str:
    fields: dict[str, list[str]] = getattr(refusal, "fields", {})
    details = [f"{name}: {' '.join(texts)}" for name, texts in fields.items()]
    return " ".join([refusal.message, *details])
