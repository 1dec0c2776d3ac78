"""Which card is in which wallet, and which wallet must be told of a change; the tables' one writer.

A change is noted in the transaction that makes it, and only for cards that are in a wallet. Lock
order: a card's accounts, then its passes, by their ids.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Greatest

from loyalty.models import Card, Pass, Program
from loyalty.models.wallet import PushOutcome, Wallet

# Several changes of a minute at the till are one piece of news.
SETTLES_IN = timedelta(seconds=2)
# Longer than a wallet may take to answer (20 s).
LEASE = timedelta(seconds=30)
# How long after a failure it is tried again; then the next change tells it.
DELAYS = (30, 2 * 60, 10 * 60, 3600)  # seconds


def version_of(now: datetime) -> int:
    """The least version that a change of that moment has."""
    return int(now.timestamp())


def of(card: Card, wallet: Wallet, *, now: datetime) -> Pass:
    """The card's pass for that wallet, made if it is the first time. May be repeated."""
    made = {"token": secrets.token_urlsafe(32), "version": version_of(now), "created_at": now}
    found, _made = Pass.objects.get_or_create(card=card, wallet=wallet, defaults=made)
    return found


# --- Changes --------------------------------------------------------------------------------------


def note_change(card_ids: Collection[int], *, now: datetime) -> None:
    """What these cards show has changed. Joins the caller's transaction, which holds the locks of
    the cards' accounts. Nothing is asked where no card is."""
    if card_ids:
        _note(Pass.objects.filter(card_id__among=list(card_ids)), now)


def note_new_look(program: Program, *, now: datetime) -> None:
    """All cards of a program look different from now on."""
    with transaction.atomic():
        _note(Pass.objects.filter(card__program=program), now)


def note_new_name(*, now: datetime) -> None:
    """The business or its locations, which stand on every pass, have changed."""
    with transaction.atomic():
        _note(Pass.objects.all(), now)


def _note(passes: QuerySet[Pass], now: datetime) -> None:
    """One statement locks them in the order of their ids, so that nobody waits in a circle."""
    rows = passes.filter(is_kept=True).order_by("pk").select_for_update(of=("self",))
    kept = list(rows.values_list("pk", flat=True))
    if kept:
        Pass.objects.filter(pk__among=kept).update(
            version=Greatest(F("version") + 1, version_of(now)),
            due_at=Coalesce("due_at", now + SETTLES_IN),
        )


# --- Kept or not ----------------------------------------------------------------------------------


def keep(kept_pass: Pass, *, now: datetime) -> None:
    """The pass is in a wallet from now on. It is told once more, since the card may have changed
    between making the pass and keeping it."""
    with transaction.atomic():
        Pass.objects.filter(pk=kept_pass.pk).update(is_kept=True, outcome=PushOutcome.NONE)
        _note(Pass.objects.filter(pk=kept_pass.pk), now)


def let_go(kept_pass: Pass) -> None:
    """The pass is in no wallet any more; nobody is told of changes."""
    Pass.objects.filter(pk=kept_pass.pk).update(is_kept=False, due_at=None, claim="")


# --- Telling --------------------------------------------------------------------------------------


def waiting(now: datetime) -> QuerySet[Pass]:
    """Those whose wallet is to be told by now."""
    return Pass.objects.filter(due_at__lte=now)


def claim(now: datetime, most: int) -> list[Pass]:
    """Take up to that many of those due longest; each has a lease."""
    if not waiting(now).exists():
        return []
    token = secrets.token_hex(16)
    with transaction.atomic():
        rows = waiting(now).select_for_update(skip_locked=True).order_by("due_at", "pk")
        taken = list(rows.values_list("pk", flat=True)[:most])
        Pass.objects.filter(pk__in=taken).update(
            claim=token, due_at=now + LEASE, attempts=F("attempts") + 1
        )
    claimed = Pass.objects.filter(pk__in=taken, claim=token).order_by("pk")
    return list(claimed.select_related("card__customer").prefetch_related("card__program"))


def told(
    claimed: Pass,
    outcome: PushOutcome,
    *,
    note: str = "",
    notified_at: Iterable[str] = (),
    now: datetime,
) -> None:
    """The wallet knows; of a change that came while it was told, it is told again."""
    ours = Pass.objects.filter(pk=claimed.pk, claim=claimed.claim)
    result: dict[str, Any] = {"attempts": 0, "outcome": outcome, "note": note[:250]}
    result["notified_at"] = list(notified_at)
    ours.exclude(version=claimed.version).update(due_at=now, **result)
    ours.filter(version=claimed.version).update(due_at=None, **result)


def could_not_tell(claimed: Pass, note: str, *, now: datetime, is_final: bool = False) -> None:
    """Try again later, or give up until the next change."""
    is_over = is_final or claimed.attempts > len(DELAYS)
    Pass.objects.filter(pk=claimed.pk, claim=claimed.claim).update(
        due_at=None if is_over else now + timedelta(seconds=DELAYS[claimed.attempts - 1]),
        attempts=0 if is_over else claimed.attempts,
        outcome=PushOutcome.FAILED,
        note=note[:250],
    )


def give_back(claimed: Iterable[Pass], *, now: datetime) -> None:
    """Return what was claimed and not begun, as if it had not been."""
    for one in claimed:
        Pass.objects.filter(pk=one.pk, claim=one.claim).update(
            due_at=now, attempts=one.attempts - 1
        )
