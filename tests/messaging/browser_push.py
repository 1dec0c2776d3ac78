"""A customer's browser and its push service: it checks our signature and reads what it got."""

import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

HEAVIEST = 4096  # bytes that a push service must take (RFC 8030, section 7.2)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class BrowserPush:
    """One subscription; `shown` is what came, in the clear."""

    server: HTTPServer
    name: str = "b1"
    trusted: str = ""  # our public key, as the page gave it to `subscribe()`
    status: int = 201
    shown: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        path = f"/push/{self.name}"
        self.endpoint = self.server.url_for(path)
        self.server.expect_request(path, method="POST").respond_with_handler(self._take)

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` has it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url(point), "auth": base64url(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def _take(self, request: Request) -> Response:
        if not self._is_signed(request.headers.get("Authorization", "")):
            return Response(status=403)
        if len(request.data) > HEAVIEST:
            return Response(status=413)
        if self.status >= 300:
            return Response(status=self.status)
        self.headers = dict(request.headers)
        clear = http_ece.decrypt(
            request.data, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        self.shown.append(json.loads(clear))
        return Response(status=self.status)

    def _is_signed(self, said: str) -> bool:
        """RFC 8292: a JWT for this service, by the key that the browser was given."""
        scheme, _space, rest = said.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        if scheme.lower() != "vapid" or parts["k"] != self.trusted:
            return False
        head, body, signature = parts["t"].split(".")
        r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
        try:
            public.verify(
                utils.encode_dss_signature(r, s),
                f"{head}.{body}".encode(),
                ec.ECDSA(hashes.SHA256()),
            )
        except InvalidSignature:
            return False
        claims = json.loads(raw(body))
        assert claims["sub"]
        return bool(claims["aud"] == self.server.url_for("").rstrip("/"))
