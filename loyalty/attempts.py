"""How often a stranger may try something: counted in the database, exact across processes."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from loyalty.models import Attempt


def allowed(what: str, who: str, *, most: int, window: timedelta, now: datetime) -> bool:
    """Count one attempt of `who` (an address, a network); False once `most` were made.

    A window begins with its first attempt, and what is refused is not counted: who waits is let in
    again. Nothing readable of `who` is kept.
    """
    with transaction.atomic():
        row, is_new = Attempt.objects.get_or_create(
            key=_key(what, who), defaults={"ends_at": now + window}
        )
        if is_new:
            Attempt.objects.filter(ends_at__lt=now - window).exclude(pk=row.pk).delete()
        mine = Attempt.objects.filter(pk=row.pk)
        mine.filter(ends_at__lte=now).update(n=0, ends_at=now + window)
        return mine.filter(n__lt=most).update(n=F("n") + 1) == 1


def give_back(what: str, who: str) -> None:
    """One that was counted was none: who may do it did it."""
    Attempt.objects.filter(key=_key(what, who), n__gt=0).update(n=F("n") - 1)


def _key(what: str, who: str) -> str:
    key = hmac.new(settings.SECRET_KEY.encode(), f"{what}:{who}".encode(), hashlib.sha256)
    return key.hexdigest()
