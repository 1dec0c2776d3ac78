"""What phones ask of the PassKit web service, as verbs (developer.apple.com, "Adding a Web Service
to Update Passes"). A pass is known by its type, its card's serial and its secret token."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from loyalty import cards, events
from loyalty.causes import Cause
from loyalty.errors import NotFound
from loyalty.models import Device, Pass, Registration
from loyalty.models.card import CardStatus
from loyalty.models.wallet import Wallet
from loyalty.wallet import passes

CAUSE = Cause("wallet:apple")
# A change becomes visible when its transaction ends: so long after the moment it bears, at most,
# with the clocks of two hosts apart. What changed in that time is listed twice, which costs a 304.
OVERLAP = 60  # seconds


@dataclass(frozen=True, slots=True)
class Changed:
    """The serials of passes that changed, and the tag to ask with the next time."""

    serials: list[str]
    tag: str


def find(serial: str, token: str) -> Pass:
    """The pass with that secret; NotFound for any other. Cards that are blocked or deleted are
    found too: their passes must be told so."""
    found = (
        Pass.objects.filter(card__serial=serial, wallet=Wallet.APPLE)
        .select_related("card__customer", "card__plan")
        .prefetch_related("card__program")
        .first()
    )
    if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
        raise NotFound
    return found


def register(library: str, push_token: str, kept_pass: Pass, *, now: datetime) -> bool:
    """The device wants to know of changes; whether it did not already. May be repeated; a new push
    token takes the old one's place. NotFound for a card that is blocked or deleted."""
    with transaction.atomic():
        cards.install(kept_pass.card, device=library, where="apple", cause=CAUSE, now=now)
        device, _new = Device.objects.update_or_create(
            library=library,
            defaults={"push_token": push_token},
            create_defaults={"push_token": push_token, "created_at": now},
        )
        _row, is_new = Registration.objects.get_or_create(
            device=device, kept_pass=kept_pass, defaults={"created_at": now}
        )
        if is_new:
            passes.keep(kept_pass, now=now)
    return is_new


def unregister(library: str, kept_pass: Pass, *, now: datetime) -> None:
    """The device has deleted the pass. May be repeated."""
    for row in Registration.objects.filter(device__library=library, kept_pass=kept_pass):
        _forget(row, kept_pass, now)


def drop(device: Device, *, now: datetime) -> None:
    """Apple knows no device of that push token any more; it may have come back with another since.
    May be repeated."""
    theirs = Registration.objects.filter(
        device=device, device__push_token=device.push_token
    ).order_by("kept_pass")
    for row in theirs.select_related("kept_pass__card"):
        _forget(row, row.kept_pass, now)


def _forget(row: Registration, kept_pass: Pass, now: datetime) -> None:
    """Told once for each registration; the last one leaves the pass in no wallet."""
    with transaction.atomic():
        Pass.objects.select_for_update().get(pk=kept_pass.pk)
        if not Registration.objects.filter(pk=row.pk).delete()[0]:
            return
        if not Registration.objects.filter(kept_pass=kept_pass).exists():
            passes.let_go(kept_pass)
        Device.objects.filter(pk=row.device_id, registrations=None).delete()
        card = kept_pass.card
        if card.status == CardStatus.ACTIVE:
            events.emit(
                events.CardUninstalled(card.program.slug, "apple"),
                key=f"card:{card.pk}:uninstalled:apple:{row.pk}",
                customer_id=card.customer_id,
                card_id=card.pk,
                cause=CAUSE,
                now=now,
            )


def changed(library: str, since: str, *, now: datetime) -> Changed:
    """The passes on a device that changed since it was told that tag; all without one that we
    gave."""
    theirs = Pass.objects.filter(registrations__device__library=library)
    if since.isascii() and since.isdigit():
        theirs = theirs.filter(version__gt=int(since[:15]) - OVERLAP)
    serials = theirs.order_by("card__serial").values_list("card__serial", flat=True)
    return Changed(list(serials), str(passes.version_of(now)))
