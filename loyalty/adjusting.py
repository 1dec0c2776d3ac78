"""What staff give, take and undo by hand, each with a reason. Above its program's limit a second
person must agree before anything is posted."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import counter
from loyalty.causes import Cause
from loyalty.counter import Answer, By, Request, Wish
from loyalty.errors import Forbidden, Invalid
from loyalty.merged import Merged
from loyalty.models import Adjustment, Card, Operation
from loyalty.models.adjustment import AdjustmentState
from loyalty.postings import Kind

ACTS = {Kind.ACCRUE: counter.accrue, Kind.REDEEM: counter.redeem}


def needs_a_second_person(card: Card, amount: int) -> bool:
    limit = card.program.by_hand_limit
    return limit is not None and amount > limit


def adjust(
    card: Card,
    kind: Kind,
    unit: str,
    amount: int,
    *,
    reason: str,
    key: str,
    user: int,
    now: datetime,
) -> Answer | Adjustment:
    """Give (accrue) or take (redeem); above the limit, only ask. `user` is the id of who does it.
    The same `key` does nothing again. Raises Invalid and the refusals of the till."""
    if not reason.strip():
        raise Invalid({"reason": [_("Say why.")]})
    if before := Adjustment.objects.filter(key=key).first():
        return before  # whatever the limit is by now
    is_posted = Operation.objects.filter(key=key).exists()
    if is_posted or not needs_a_second_person(card, amount):
        return _post(card, kind, Wish(amount=amount, unit=unit, reason=reason), key, user, now)
    said = {"card": card, "kind": kind, "unit": unit, "amount": amount, "reason": reason}
    asked = said | {"asked_by_id": user, "asked_at": now}
    return Adjustment.objects.get_or_create(key=key, defaults=asked)[0]


def agree(adjustment: Adjustment, *, user: int, now: datetime) -> Adjustment:
    """Post what somebody else asked for. May be repeated. Raises Forbidden for one's own or what
    was refused, and the refusals of the till, which leave it waiting."""
    with transaction.atomic():
        asked = _locked(adjustment)
        if asked.state == AdjustmentState.POSTED:
            return asked
        if asked.state == AdjustmentState.REFUSED:
            raise Forbidden(_("This was refused already."))
        if asked.asked_by_id == user:
            raise Forbidden(_("Somebody else must agree to what you asked for."))
        words = {"reason": asked.reason, "who": asked.asked_by.get_username()}
        reason = _("%(reason)s (asked by %(who)s)") % words
        wish = Wish(amount=asked.amount, unit=asked.unit, reason=reason[:250])
        answer = _post(asked.card, Kind(asked.kind), wish, f"adjustment:{asked.pk}", user, now)
        asked.operation_id = answer.body["operation"]["id"]
        return _decided(asked, AdjustmentState.POSTED, user, now)


def refuse(adjustment: Adjustment, *, user: int, now: datetime) -> Adjustment:
    """Nothing is posted; who asked may take it back so as well. May be repeated. Raises Forbidden
    for what was posted."""
    with transaction.atomic():
        asked = _locked(adjustment)
        if asked.state == AdjustmentState.POSTED:
            raise Forbidden(_("This was posted already: undo its operation instead."))
        if asked.state == AdjustmentState.REFUSED:
            return asked
        return _decided(asked, AdjustmentState.REFUSED, user, now)


def forget(customer_id: int) -> None:
    """Why somebody wanted to give to, or take from, somebody who is erased."""
    Adjustment.objects.filter(card__customer=customer_id).update(reason="")


def follow(merged: Merged) -> None:
    """What waits for a second person is meant for the card that stayed."""
    waiting = Adjustment.objects.filter(state=AdjustmentState.WAITING)
    for gone, into in merged.cards.items():
        waiting.filter(card=gone).update(card=into)


def undo(operation: Operation, *, reason: str, user: int, now: datetime) -> Answer:
    """Undo a whole operation, whoever did it and whenever. May be repeated. Raises Invalid without
    a reason, and what `counter.reverse` raises."""
    if not reason.strip():
        raise Invalid({"reason": [_("Say why.")]})
    key = f"undo:{operation.pk}"
    return counter.reverse(operation.pk, reason, by=_by(user), request=Request(key, key), now=now)


def _post(card: Card, kind: Kind, wish: Wish, key: str, user: int, now: datetime) -> Answer:
    parts = f"{card.pk}:{kind}:{wish.unit}:{wish.amount}"
    return ACTS[kind](card.serial, wish, by=_by(user), request=Request(key, parts), now=now)


def _by(user: int) -> By:
    staff = f"staff:{user}"
    return By(staff, Cause(staff), may_adjust=True, may_undo=True)


def _locked(adjustment: Adjustment) -> Adjustment:
    rows = Adjustment.objects.select_for_update(of=("self",)).select_related("card", "asked_by")
    return rows.get(pk=adjustment.pk)


def _decided(asked: Adjustment, state: AdjustmentState, user: int, now: datetime) -> Adjustment:
    asked.state, asked.decided_by_id, asked.decided_at = state, user, now
    asked.save(update_fields=["state", "decided_by", "decided_at", "operation"])
    return asked
