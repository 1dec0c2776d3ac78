"""Google Wallet's REST API and token address, as far as we speak to them. It believes nobody: the
assertion's signature is checked, and every call needs the token that was given for it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from google.auth import jwt
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.wallets import googles

TOKEN = "ya29.token"


@dataclass
class FakeGoogle:
    server: HTTPServer
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    tokens: int = 0
    has_users: bool = True
    is_down: bool = False

    def __post_init__(self) -> None:
        self.server.expect_request("/token", method="POST").respond_with_handler(self._token)
        for kind in ("loyaltyClass", "loyaltyObject"):
            self.server.expect_request(f"/v1/{kind}", method="POST").respond_with_handler(self._new)
            one = re.compile(rf"/v1/{kind}/.+")
            self.server.expect_request(one, method="PATCH").respond_with_handler(self._patch)

    def writes(self, kind: str) -> list[dict[str, Any]]:
        return [body for _method, path, body in self.calls if f"/{kind}" in path]

    def _token(self, request: Request) -> Response:
        form = parse_qs(request.data.decode())
        decode: Any = jwt.decode
        claims = decode(form["assertion"][0], certs=googles.public_pem(), verify=True)
        assert claims["iss"] == googles.EMAIL
        assert claims["aud"] == self.server.url_for("/token")
        assert claims["scope"].endswith("wallet_object.issuer")
        self.tokens += 1
        return _json({"access_token": TOKEN, "expires_in": 3600})

    def _new(self, request: Request) -> Response:
        return self._take(request, is_new=True)

    def _patch(self, request: Request) -> Response:
        return self._take(request, is_new=False)

    def _take(self, request: Request, *, is_new: bool) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"error": "who are you?"}, 401)
        if self.is_down:
            return _json({"error": "later"}, 503)
        body = json.loads(request.data)
        name = str(body["id"])
        if is_new == (name in self.things):
            return _json({"error": "no"}, 409 if is_new else 404)
        self.things[name] = self.things.get(name, {}) | body
        self.calls.append((request.method, request.path, body))
        return _json(self.things[name] | {"hasUsers": self.has_users})


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")
