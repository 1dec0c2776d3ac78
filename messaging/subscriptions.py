"""Browsers that take pushes: subscribe, unsubscribe, forget; the table's one writer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty import customers, shapes
from loyalty.causes import Cause
from loyalty.cleaning import is_storable
from loyalty.errors import Invalid, NotFound
from loyalty.merged import Merged
from loyalty.models import Customer
from loyalty.secrets import digest
from messaging import base64url
from messaging.models import PushSubscription, Sender

CHANNEL = "push"
SALT = "messaging.push"
TOKEN_LIVES = 7 * 24 * 3600  # seconds; a card page may lie open for a while
MOST_BROWSERS = 10  # of one customer; the oldest goes
LONGEST_ENDPOINT = 1000
POINT, SECRET = 65, 16  # bytes (RFC 8291)
CAUSE = Cause("push")
ADDRESS = "customer:"
SOURCE = "the card's page"


def token_of(customer: Customer) -> str:
    """What a page of the customer's shows to subscribe with."""
    return signing.dumps(customer.pk, salt=SALT)


def customer_of(token: str) -> Customer:
    """NotFound for a token that is forged or too old, or whose customer is gone."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=TOKEN_LIVES)
    except (signing.BadSignature, UnicodeError):
        raise NotFound from None
    found = Customer.objects.present().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def subscribe(customer: Customer, wish: Mapping[str, Any], *, now: datetime) -> PushSubscription:
    """Take pushes to that browser, which is a yes to them; `wish` is what its `subscribe()` gave.

    May be repeated; a browser that belonged to somebody else is this customer's from now on.
    Raises Invalid.
    """
    endpoint, public_key, secret = _read(wish)
    with transaction.atomic():
        customers.set_consent(customer, CHANNEL, True, source=SOURCE, cause=CAUSE, now=now)
        row, _new = PushSubscription.objects.update_or_create(
            digest=digest(endpoint),
            defaults={
                "customer": customer,
                "endpoint": endpoint,
                "public_key": public_key,
                "secret": secret,
                "created_at": now,
            },
        )
        _drop_oldest(customer.pk)
    return row


def unsubscribe(customer: Customer, endpoint: str, *, now: datetime) -> None:
    """No more pushes to that browser; without any left it is a no to them. May be repeated."""
    with transaction.atomic():
        theirs = PushSubscription.objects.filter(customer=customer)
        theirs.filter(digest=digest(endpoint)).delete()
        if not theirs.exists() and customer.consents_to(CHANNEL):
            customers.set_consent(customer, CHANNEL, False, source=SOURCE, cause=CAUSE, now=now)


def address_of(customer: Customer) -> str:
    """`customer:7`, for the customer's browsers together; "" where there is none."""
    is_there = PushSubscription.objects.filter(customer_id=customer.pk).exists()
    return f"{ADDRESS}{customer.pk}" if is_there else ""


def reached(customer_ids: Collection[int]) -> set[int]:
    """Those of them who have a browser that takes pushes."""
    theirs = PushSubscription.objects.filter(customer_id__among=customer_ids)
    return set(theirs.values_list("customer_id", flat=True))


def drop(subscription: PushSubscription) -> None:
    """The push service knows it no more."""
    PushSubscription.objects.filter(pk=subscription.pk).delete()


def follow(merged: Merged) -> None:
    """The browsers of the one are the other's; with too many, the oldest go."""
    PushSubscription.objects.filter(customer=merged.gone_id).update(customer=merged.kept_id)
    _drop_oldest(merged.kept_id)


def told(customer_id: int) -> list[dict[str, Any]]:
    """For themselves: which services push to them, and since when."""
    theirs = PushSubscription.objects.filter(customer_id=customer_id).order_by("pk")
    return [
        {"service": urlsplit(row.endpoint).hostname, "since": shapes.moment(row.created_at)}
        for row in theirs
    ]


def forget(customer_id: int) -> None:
    """Of a customer who is erased; joins the caller's transaction."""
    PushSubscription.objects.filter(customer_id=customer_id).delete()


def _drop_oldest(customer_id: int) -> None:
    theirs = PushSubscription.objects.filter(customer=customer_id).order_by("-created_at", "-pk")
    oldest = list(theirs.values_list("pk", flat=True)[MOST_BROWSERS:])
    PushSubscription.objects.filter(pk__in=oldest).delete()


def _read(wish: Mapping[str, Any]) -> tuple[str, str, str]:
    keys = wish.get("keys")
    given = keys if isinstance(keys, Mapping) else {}
    found = [wish.get("endpoint"), given.get("p256dh"), given.get("auth")]
    if not all(isinstance(part, str) for part in found):
        raise Invalid({"subscription": [_("This is no subscription.")]})
    endpoint, public_key, secret = map(str, found)
    if not _is_address(endpoint):
        raise Invalid({"subscription": [_("This is no address to push to.")]})
    if not _is_point(public_key) or not _has_length(secret, SECRET):
        raise Invalid({"subscription": [_("These keys cannot be used.")]})
    return endpoint, public_key, secret


def _is_address(endpoint: str) -> bool:
    if len(endpoint) > LONGEST_ENDPOINT or not is_storable(endpoint):
        return False
    try:
        return urlsplit(endpoint).scheme in {"https", "http"}
    except ValueError:
        return False


def _is_point(text: str) -> bool:
    if not _has_length(text, POINT):
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64url.decoded(text))
    except ValueError:
        return False
    return True


def _has_length(text: str, length: int) -> bool:
    try:
        return len(text) < 2 * length and len(base64url.decoded(text)) == length
    except ValueError:
        return False


# --- Who pushes -----------------------------------------------------------------------------------


def sender() -> Sender:
    """The default sender of pushes; its keys are made the first time anybody asks."""
    if found := Sender.objects.default_for(CHANNEL):
        return found
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    settings = {"private_key": base64url.encoded(key.to_bytes(32, "big")), "contact": ""}
    try:
        with transaction.atomic():
            return Sender.objects.create(
                name=_("Web push"),
                channel=CHANNEL,
                provider="webpush",
                settings=settings,
                is_default=True,
            )
    except IntegrityError:  # somebody else made it, or it is switched off
        found = Sender.objects.filter(channel=CHANNEL, is_default=True).first()
        if found is None:
            raise
        return found
