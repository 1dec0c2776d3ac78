"""Gift cards for somebody else: prepared now, delivered on their day.

The receiver becomes a customer without consent to anything: the letter that brings the card is one
of the product's own, and nothing else is written to them.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty import cards, customers, naming, notices
from loyalty.causes import Cause
from loyalty.cleaning import Cleaner, cleaned, text
from loyalty.customers import Details
from loyalty.customers.details import email
from loyalty.errors import Forbidden, IllegalOperation, Invalid, KeyReuse, LoyaltyError
from loyalty.models import Customer, Present, Program
from loyalty.models.present import PresentState
from loyalty.money import written

logger = logging.getLogger(__name__)

LONGEST_MESSAGE = 500
FURTHEST = timedelta(days=366)
CLEANERS: dict[str, Cleaner] = {
    "to_email": email,
    "to_name": text(120),
    "giver": text(120),
    "message": text(LONGEST_MESSAGE),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`amount` is in minor units of the program's currency; no `deliver_at`: at once."""

    program: str
    amount: int
    to_email: str
    to_name: str = ""
    giver: str = ""
    message: str = ""
    deliver_at: datetime | None = None


def prepare(
    wish: Wish, *, key: str, fingerprint: str = "", actor: str, now: datetime
) -> tuple[Present, bool]:
    """The present, and whether it was made just now; one whose day has come is delivered at once.

    Raises Invalid, IllegalOperation where the program's cards are not given to others, KeyReuse
    where the key was another wish's.
    """
    program = _program(wish.program)
    said = {name: getattr(wish, name) for name in CLEANERS}
    clean = cleaned(said, CLEANERS)
    if not clean["to_email"]:
        raise Invalid({"to": [_("Say to which address.")]})
    deliver_at = wish.deliver_at or now
    if deliver_at > now + FURTHEST:
        raise Invalid({"deliver_at": [_("A year from now at most.")]})
    values = clean | {"program": program, "amount": program.opening(wish.amount)}
    values |= {"deliver_at": deliver_at, "actor": actor, "made_at": now, "fingerprint": fingerprint}
    with transaction.atomic():
        present, is_new = Present.objects.get_or_create(key=key, defaults=values)
        if present.fingerprint != fingerprint:
            raise KeyReuse
        if is_new and deliver_at <= now:
            present = deliver(present, now=now)
    return present, is_new


def cancel(present: Present, *, now: datetime) -> Present:
    """It is not delivered any more. May be repeated; Forbidden once it was delivered."""
    with transaction.atomic():
        present = Present.objects.select_for_update().get(pk=present.pk)
        if present.state == PresentState.DELIVERED:
            raise Forbidden(_("It was delivered already: take it from the card instead."))
        present.state = PresentState.CANCELLED
        present.save(update_fields=["state"])
    return present


def deliver(present: Present, *, now: datetime) -> Present:
    """Give the card and write the letter, once. May be repeated, after a failure too. What stands
    in the way is noted on the present; one that was cancelled stays so."""
    with transaction.atomic():
        present = Present.objects.select_for_update().get(pk=present.pk)
        if present.state in (PresentState.DELIVERED, PresentState.CANCELLED):
            return present
        try:
            with transaction.atomic():
                _give(present, now)
        except LoyaltyError as refusal:
            present.state, present.note = PresentState.FAILED, _said(refusal)[:250]
        else:
            present.state, present.note, present.delivered_at = PresentState.DELIVERED, "", now
        present.save(update_fields=["state", "note", "card", "delivered_at"])
    return present


def forget(customer_id: int) -> None:
    """Who it was for and what was written to them goes; what the card held stays in the ledger.
    What is still on its way to an address of theirs stays here, for whoever gave it."""
    people = Customer.objects.filter(Q(pk=customer_id) | Q(merged_into=customer_id))
    addresses = [email for email in people.values_list("email", flat=True) if email]
    nobody = {"to_email": "", "to_name": "", "giver": "", "message": "", "note": ""}
    Present.objects.filter(card__customer=customer_id).update(**nobody)
    theirs = Present.objects.filter(to_email__in=addresses)
    note = _("Who it was for was deleted: speak with whoever gave it.")
    theirs.filter(state__in=(PresentState.WAITING, PresentState.FAILED)).update(
        state=PresentState.FAILED, to_email="", to_name="", message="", note=note
    )
    theirs.update(**nobody)


def is_due(now: datetime) -> bool:
    return Present.objects.filter(state=PresentState.WAITING, deliver_at__lte=now).exists()


def deliver_due(most: int, *, now: datetime) -> int:
    """Deliver those whose day has come, oldest first, each by itself; says how many. One on which
    our own code fails is set aside, so that those behind it arrive."""
    due = Present.objects.filter(state=PresentState.WAITING, deliver_at__lte=now)
    found = list(due.order_by("deliver_at", "pk")[:most])
    for present in found:
        try:
            deliver(present, now=now)
        except OperationalError:
            raise  # the database's trouble, not the present's: the same again, soon
        except Exception:
            logger.exception("Present %s fails", present.pk)
            note = _("It failed: our log says why.")
            Present.objects.filter(pk=present.pk).update(state=PresentState.FAILED, note=note)
    return len(found)


def _program(slug: str) -> Program:
    program = naming.program(slug)
    if not program.is_active:
        raise Invalid({"program": [_("This program is not active.")]})
    if not program.is_given_to_others:
        raise IllegalOperation(_("Only gift cards are sent to somebody else."))
    return program


def _give(present: Present, now: datetime) -> None:
    cause = Cause(f"present:{present.pk}")
    details = Details(email=present.to_email, first_name=present.to_name)
    customer, _is_new = customers.join(details, cause=cause, now=now)
    present.card, _is_new = cards.issue(
        present.program,
        customer,
        cause=cause,
        now=now,
        key=cause.text,
        opening=present.amount,
    )
    names = {
        "giver": present.giver or str(_("Somebody")),
        "amount": written(present.amount, present.program.currency),
        "program": present.program.name,
        "message": present.message,
        "first_name": present.to_name,
    }
    letter = notices.Letter(notices.PRESENT, cause.text, customer.pk, present.to_email, names)
    notices.tell(letter, now=now)


def _said(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(text for texts in refusal.fields.values() for text in texts)
    return refusal.message
