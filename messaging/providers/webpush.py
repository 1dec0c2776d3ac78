"""Pushes to browsers (RFC 8030): encrypted for the one browser (RFC 8291), signed with our VAPID
key (RFC 8292), sent to whatever service the browser named."""

import hashlib
import json
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from py_vapid import Vapid02, VapidException

from loyalty import clock
from messaging import base64url, subscriptions
from messaging.errors import MessagingError, PermanentFailure
from messaging.http import Web, refusal
from messaging.models import PushSubscription, Sender
from messaging.providers.base import Provider, Secret
from messaging.rendering import Rendered

LIVES = timedelta(days=1)  # how long a service keeps it for a phone that is off
SIGNATURE_LIVES = timedelta(hours=12)  # RFC 8292: a day at most
LONGEST_TEXT = 500  # characters
MOST_BYTES = 3993  # RFC 8291, section 4: what is sure to be delivered
GONE = {404, 410}


class WebPush(Provider):
    name = "webpush"
    label = gettext_lazy("Web push")
    help = gettext_lazy("Messages on the phones of customers who allowed it on their card's page.")
    channel: ClassVar[str] = "push"
    # The browser shows one of a tag, so the same key sent twice is one message to its reader.
    is_repeatable = True

    class Settings(forms.Form):
        private_key = Secret(label=gettext_lazy("Private key"))
        contact = forms.EmailField(
            label=gettext_lazy("Contact"),
            required=False,
            help_text=gettext_lazy("Where push services write if something is wrong."),
        )

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        """To every browser of the customer; one that is gone is forgotten."""
        theirs = PushSubscription.objects.filter(customer_id=customer_id(to)).order_by("pk")
        tag = hashlib.sha256(key.encode()).hexdigest()[:32]
        failure: MessagingError | None = None
        reached = 0
        with Web() as web:
            for subscription in theirs:
                try:
                    reached += self._push(web, subscription, _payload(rendered, tag), tag)
                except MessagingError as error:
                    failure = error
        if reached:
            return f"webpush:{tag}"
        raise failure or PermanentFailure(_("No browser of the customer takes pushes any more."))

    def _push(self, web: Web, row: PushSubscription, payload: bytes, tag: str) -> bool:
        """Whether it was taken; raises the failures of sending."""
        body = _encrypted(payload, row)
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(LIVES.total_seconds())),
            "Topic": tag,
            "Urgency": "normal",
            **self._signature(row.endpoint),
        }
        answer = web.send("POST", row.endpoint, headers=headers, body=body)
        if answer.status in GONE:
            subscriptions.drop(row)
            return False
        if answer.status >= 300:
            raise refusal(answer, str(urlsplit(row.endpoint).hostname))
        return True

    def _signature(self, endpoint: str) -> dict[str, str]:
        parts = urlsplit(endpoint)
        host = urlsplit(settings.PUBLIC_BASE_URL).hostname
        contact = self.settings["contact"] or f"postmaster@{host}"
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((clock.now() + SIGNATURE_LIVES).timestamp()),
            "sub": f"mailto:{contact}",
        }
        try:
            signed: dict[str, str] = _key(self.settings["private_key"]).sign(claims)
        except VapidException as error:
            raise PermanentFailure(_("This browser cannot be pushed to: %s") % error) from error
        return signed


def _encrypted(payload: bytes, row: PushSubscription) -> bytes:
    """With a key of its own, which goes along (RFC 8291)."""
    encrypted: bytes = http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=base64url.decoded(row.public_key),
        auth_secret=base64url.decoded(row.secret),
        version="aes128gcm",
    )
    return encrypted


def public_key(sender: Sender) -> str:
    """What a browser is to know of us, as base64url."""
    point = _key(sender.settings["private_key"]).public_key.public_numbers()
    raw = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    return base64url.encoded(raw)


def _key(private_key: str) -> Any:
    try:
        return Vapid02.from_raw(private_key.encode())
    except ValueError as error:
        raise PermanentFailure(_("The private key of pushes cannot be read.")) from error


def customer_id(to: str) -> int:
    """Of `customer:7`, which is the address that pushes go to; raises PermanentFailure."""
    number = to.removeprefix(subscriptions.ADDRESS)
    if not number.isdecimal():
        raise PermanentFailure(_("“%s” takes no pushes.") % to)
    return int(number)


def _payload(rendered: Rendered, tag: str) -> bytes:
    """What `push_worker.js` shows; its text is cut to what may be sent."""
    text = rendered.unsigned[:LONGEST_TEXT]
    said = {"title": rendered.subject, "body": text, "url": rendered.url, "tag": tag}
    over = len(_json(said)) - MOST_BYTES
    if over > 0:
        raw = text.encode()
        said["body"] = raw[: max(0, len(raw) - over)].decode(errors="ignore")
    return _json(said)


def _json(said: dict[str, str]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()
