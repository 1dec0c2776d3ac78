"""Google's side: a service account for us, and the keys with which Google signs its callbacks."""

import base64
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from loyalty.models import WalletKeys

ISSUER, EMAIL = "3388000000012345678", "regulars@aurora.iam.example"
DAY = timedelta(days=1)


@cache
def service_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> bytes:
    return service_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def account_file(token_url: str) -> dict[str, str]:
    """As Google's JSON file has it."""
    key = service_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "type": "service_account",
        "client_email": EMAIL,
        "private_key": key.decode(),
        "private_key_id": "k1",
        "token_uri": token_url,
    }


def equip_shop(address: str) -> WalletKeys:
    return WalletKeys.objects.create(
        pk=1, google_issuer=ISSUER, secrets={"google_account": account_file(address)}
    )


def millis(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


@dataclass
class Google:
    """Signs callbacks, by the book: a root key, a key for a while, a message."""

    now: datetime
    root: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    between: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def roots(self, **changes: str) -> list[dict[str, str]]:
        return [
            {
                "keyValue": spki(self.root),
                "protocolVersion": "ECv2SigningOnly",
                "keyExpiration": millis(self.now + DAY),
            }
            | changes
        ]

    def callback(
        self,
        serial: str,
        event: str,
        *,
        nonce: str = "n1",
        issuer: str = ISSUER,
        sender: str = "GooglePayPasses",
        ends: datetime | None = None,
        key_ends: datetime | None = None,
    ) -> dict[str, Any]:
        version = "ECv2SigningOnly"
        key_ends, ends = key_ends or self.now + DAY, ends or self.now + DAY
        signed_key = json.dumps({"keyValue": spki(self.between), "keyExpiration": millis(key_ends)})
        message = json.dumps(
            {
                "classId": f"{ISSUER}.coffee",
                "objectId": f"{ISSUER}.{serial}",
                "eventType": event,
                "expTimeMillis": int(millis(ends)),
                "count": 1,
                "nonce": nonce,
            }
        )
        return {
            "protocolVersion": version,
            "intermediateSigningKey": {
                "signedKey": signed_key,
                "signatures": [signed(self.root, sender, version, signed_key)],
            },
            "signedMessage": message,
            "signature": signed(self.between, sender, issuer, version, message),
        }


def spki(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signed(key: ec.EllipticCurvePrivateKey, *parts: str) -> str:
    raw = [part.encode() for part in parts]
    data = b"".join(struct.pack("<I", len(part)) + part for part in raw)
    return base64.b64encode(key.sign(data, ec.ECDSA(hashes.SHA256()))).decode()
