"""How customers come in: links that are mailed, and browsers that stay signed in.

Nobody is told whether an address is known: the mail says it to its reader alone.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from loyalty import attempts, customers, merging, notices
from loyalty.causes import Cause
from loyalty.customers.details import email as clean_email
from loyalty.errors import LoyaltyError, NotFound
from loyalty.merged import Merged
from loyalty.models import Card, Customer, MagicLink, SignIn
from loyalty.notices import Letter, Notice
from loyalty.secrets import digest

LIFE = timedelta(minutes=15)
MOST_LETTERS = 5
# A browser that nobody used for so long is signed out.
REST = timedelta(days=180)
SEEN_EVERY = timedelta(hours=1)

BY_CUSTOMER = Cause("customer")
Purpose = MagicLink.Purpose


class LinkIsOver(LoyaltyError):
    """This link was used before, or its 15 minutes are over."""

    code = "not_found"


class TooOften(LoyaltyError):
    """That was tried too often; please wait a quarter of an hour."""

    code = "throttled"
    retry_after = int(LIFE.total_seconds())


# --- Links ----------------------------------------------------------------------------------------


def ask(email: str, *, network: str, now: datetime) -> None:
    """Mail a link to whoever has that address; nothing where nobody has it, and no sign of which.

    Raises TooOften where a network asks for very many, and `Unfit` for what is no address.
    """
    email = clean_email(email)
    if not attempts.allowed("sign in from", network, most=100, window=LIFE, now=now):
        raise TooOften
    customer = Customer.objects.present().filter(email=email).exclude(email="").first()
    if customer is not None:
        send(customer, Purpose.SIGN_IN, notices.SIGN_IN, to=email, now=now)


def send(
    customer: Customer,
    purpose: str,
    notice: Notice,
    *,
    to: str,
    data: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    now: datetime,
) -> None:
    """Make a link and mail it, in one transaction. Each call makes another one, but an address gets
    at most five in a quarter of an hour, whoever asks for what: nobody floods somebody's mailbox
    through us. Beyond that nothing is sent, and no sign given.
    """
    if not attempts.allowed("letter", to, most=MOST_LETTERS, window=LIFE, now=now):
        return
    plain = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = MagicLink.objects.create(
            digest=digest(plain),
            customer=customer,
            purpose=purpose,
            data=dict(data or {}),
            made_at=now,
            expires_at=now + LIFE,
        )
        said = {"first_name": customer.first_name, "token": plain, **(names or {})}
        notices.tell(Letter(notice, f"link:{link.pk}", customer.pk, to, said), now=now)
        MagicLink.objects.filter(expires_at__lt=now - LIFE).delete()


def look(plain: str, *, now: datetime) -> MagicLink:
    """What the link is for, without using it (mail programs open links by themselves); raises
    LinkIsOver."""
    links = MagicLink.objects.select_related("customer").filter(customer__erased_at=None)
    link = links.filter(digest=digest(plain), expires_at__gt=now).first()
    if link is None:
        raise LinkIsOver
    return link


def stand_in(link: MagicLink) -> Card | None:
    """The card that somebody made with the address of the link's customer, while it waits for a
    word of theirs."""
    waiting = Card.objects.active().filter(
        customer=link.data.get("stand_in"), customer__erased_at=None, customer__email=""
    )
    return waiting.select_related("customer").prefetch_related("program").first()


def use(plain: str, *, is_mine: bool = False, now: datetime) -> MagicLink:
    """Take the link, once: of two at the same moment one raises LinkIsOver.

    What it is for is done with it: the address is changed (CustomerConflict where somebody else has
    it), the customer forgotten; or, if they say that it `is_mine`, the card that was made with
    their address is theirs.
    """
    with transaction.atomic():
        link = look(plain, now=now)
        if not MagicLink.objects.filter(pk=link.pk).delete()[0]:
            raise LinkIsOver
        match link.purpose:
            case Purpose.EMAIL:
                _change_email(link, now)
            case Purpose.ERASE:
                _erase(link.customer, now)
            case _ if is_mine and (card := stand_in(link)):
                _bring(card.customer, link.customer, now)
    return link


def _change_email(link: MagicLink, now: datetime) -> None:
    before, new = link.customer.email, link.data["email"]
    customers.change(link.customer, {"email": new}, cause=BY_CUSTOMER, now=now)
    if before and before != new:
        key = f"address:{link.pk}"
        notices.tell(Letter(notices.ADDRESS_CHANGED, key, link.customer_id, before), now=now)


def _erase(customer: Customer, now: datetime) -> None:
    email = customer.email
    customers.erase(customer, cause=BY_CUSTOMER, now=now)
    if email:
        letter = Letter(notices.ERASED, f"erased:{customer.pk}", customer.pk, email)
        notices.tell(letter, now=now)


def _bring(made: Customer, owner: Customer, now: datetime) -> None:
    """What somebody made with their address is theirs: its code goes on working. Another phone
    number is told at the counter, for it decides whose an order is."""
    unproven = ("phone", "external_id")
    merging.merge(made, owner, unproven=unproven, cause=BY_CUSTOMER, now=now)


# --- Browsers -------------------------------------------------------------------------------------


def begin(customer: Customer, *, now: datetime) -> str:
    """Sign a browser in; gives what its cookie says."""
    plain = secrets.token_urlsafe(32)
    SignIn.objects.create(digest=digest(plain), customer=customer, made_at=now, seen_at=now)
    return plain


def who(plain: str, *, now: datetime) -> Customer:
    """Who is signed in with that cookie; raises NotFound."""
    rows = SignIn.objects.select_related("customer").filter(customer__erased_at=None)
    row = rows.filter(digest=digest(plain), seen_at__gt=now - REST).first()
    if row is None:
        raise NotFound
    if now - row.seen_at >= SEEN_EVERY:
        SignIn.objects.filter(pk=row.pk).update(seen_at=now)
    return row.customer


def end(plain: str) -> None:
    """Sign that browser out. May be repeated."""
    SignIn.objects.filter(digest=digest(plain)).delete()


def follow(merged: Merged) -> None:
    """Who was the one comes in anew, as the other."""
    end_all(merged.gone_id)


def end_all(customer_id: int) -> None:
    """Sign them out everywhere, and let no link in that is still in a mailbox."""
    SignIn.objects.filter(customer=customer_id).delete()
    MagicLink.objects.filter(customer=customer_id).delete()
