"""What Google says of a pass: saved, or deleted. Its signature is ECv2SigningOnly
(developers.google.com/wallet, "Save and delete notifications"): a root key of Google's signs a key
for a while, and that key signs the message, for our issuer id alone.
"""

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.db import transaction

from loyalty import cards, events
from loyalty.causes import Cause
from loyalty.errors import NotFound
from loyalty.models import Pass
from loyalty.models.wallet import Wallet
from loyalty.wallet import passes
from loyalty.wallet.errors import BadCallback
from loyalty.wallet.google import objects

SENDER = "GooglePayPasses"
PROTOCOL = "ECv2SigningOnly"
CAUSE = Cause("wallet:google")


@dataclass(frozen=True, slots=True)
class Said:
    """`event` is `save` or `del`; `nonce` is another one for each message."""

    object_id: str
    event: str
    nonce: str


def verified(
    body: bytes, roots: Sequence[Mapping[str, Any]], issuer: str, *, now: datetime
) -> Said:
    """The message, if Google signed it for this issuer and it is not over; raises BadCallback."""
    try:
        return _verified(json.loads(body), roots, issuer, int(now.timestamp() * 1000))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadCallback from error


def _verified(envelope: Any, roots: Sequence[Mapping[str, Any]], issuer: str, now_ms: int) -> Said:
    if envelope["protocolVersion"] != PROTOCOL:
        raise BadCallback
    between = envelope["intermediateSigningKey"]
    signed_key, message = str(between["signedKey"]), str(envelope["signedMessage"])
    trusted = [
        str(root["keyValue"])
        for root in roots
        if root.get("protocolVersion") == PROTOCOL and int(root["keyExpiration"]) > now_ms
    ]
    over_key = _joined(SENDER, PROTOCOL, signed_key)
    if not any(
        _is_signed(root, str(signature), over_key)
        for root in trusted
        for signature in between["signatures"]
    ):
        raise BadCallback
    key = json.loads(signed_key)
    over_message = _joined(SENDER, issuer, PROTOCOL, message)
    if int(key["keyExpiration"]) <= now_ms:
        raise BadCallback
    if not _is_signed(str(key["keyValue"]), str(envelope["signature"]), over_message):
        raise BadCallback
    said = json.loads(message)
    if int(said["expTimeMillis"]) <= now_ms:
        raise BadCallback
    return Said(str(said["objectId"]), str(said["eventType"]), str(said["nonce"]))


def _joined(*parts: str) -> bytes:
    """Each with its length before it, in four bytes, the least first."""
    raw = [part.encode() for part in parts]
    return b"".join(struct.pack("<I", len(part)) + part for part in raw)


def _is_signed(key: str, signature: str, data: bytes) -> bool:
    public = load_der_public_key(base64.b64decode(key))
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(base64.b64decode(signature), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


# --- What follows ---------------------------------------------------------------------------------


def take_in(said: Said, *, now: datetime) -> None:
    """A card was saved or deleted; of one we do not know nothing follows. May be repeated."""
    found = Pass.objects.filter(
        card__serial=objects.serial_of(said.object_id), wallet=Wallet.GOOGLE
    )
    kept_pass = found.select_related("card__customer").prefetch_related("card__program").first()
    if kept_pass is None:
        return
    if said.event == "save":
        _saved(kept_pass, now)
    elif said.event == "del":
        _deleted(kept_pass, said.nonce, now)


def _saved(kept_pass: Pass, now: datetime) -> None:
    """Google does not name devices: the card is installed there once."""
    try:
        with transaction.atomic():
            cards.install(kept_pass.card, device="account", where="google", cause=CAUSE, now=now)
            passes.keep(kept_pass, now=now)
    except NotFound:
        return  # blocked or deleted meanwhile


def _deleted(kept_pass: Pass, nonce: str, now: datetime) -> None:
    card = kept_pass.card
    with transaction.atomic():
        passes.let_go(kept_pass)
        events.emit(
            events.CardUninstalled(card.program.slug, "google"),
            key=f"card:{card.pk}:uninstalled:google:{nonce[:60]}",
            customer_id=card.customer_id,
            card_id=card.pk,
            cause=CAUSE,
            now=now,
        )
