"""Journeys follow a customer who is merged into another."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from automations.engine.journeys import INSIDE, stop, stop_below
from automations.engine.releasing import let_go
from automations.models import Decision, Enrolment, Journey
from loyalty.events import shard_of
from loyalty.merged import Merged


def lock(customers: tuple[int, int]) -> None:
    """Theirs that are inside, before customers and accounts are locked: in the pumps' order. A pump
    that meets them looks again later."""
    subjects = [_subject(pk) for pk in customers]
    rows = Journey.objects.filter(subject__in=subjects, state__in=INSIDE).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def follow(merged: Merged) -> None:
    """Where both are inside the same thread, the older journey goes on and the other ends. Who has
    entered under a key once has entered for both."""
    gone, kept = _subject(merged.gone_id), _subject(merged.kept_id)
    _end_twins(gone, kept, merged)
    inside = Journey.objects.filter(subject__in=[gone, kept], state__in=INSIDE)
    for card_id, into in merged.cards.items():
        inside.filter(card=card_id).update(card=into)
    theirs = Journey.objects.filter(subject=gone)
    theirs.update(subject=kept, customer=merged.kept_id, shard=shard_of(kept))
    twin = Enrolment.objects.filter(
        automation=OuterRef("automation"),
        thread=OuterRef("thread"),
        key=OuterRef("key"),
        subject=kept,
    )
    Enrolment.objects.filter(~Exists(twin), subject=gone).update(subject=kept)
    Decision.objects.filter(customer=merged.gone_id).update(customer=merged.kept_id)


def _end_twins(gone: str, kept: str, merged: Merged) -> None:
    inside = Journey.objects.filter(subject__in=[gone, kept], state__in=INSIDE, parent=None)
    oldest: dict[tuple[int, str], str] = {}
    ended = []
    for pk, automation, thread, subject in inside.order_by("pk").values_list(
        "pk", "automation", "thread", "subject"
    ):
        if oldest.setdefault((automation, thread), subject) != subject:
            ended.append(pk)
    note = _("Merged with a customer who was inside already.")
    stop(Journey.objects.filter(pk__in=ended), note, merged.now)
    stop_below(ended, note, merged.now)
    let_go(ended)


def _subject(customer_id: int) -> str:
    return f"customer:{customer_id}"
