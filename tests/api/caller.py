"""A program that talks to the API: real requests through Django, strict JSON both ways."""

import json
import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client

from loyalty.models import ApiToken


class Caller:
    """Sends its token with every request; paths are below /api/v1/."""

    def __init__(self, token: ApiToken | None = None, plain: str = "") -> None:
        self.token = token
        self.plain = plain
        self.client = Client(raise_request_exception=False)

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Any:
        """`body` is JSON unless it is bytes already; `key` is the Idempotency-Key."""
        sent = {"Authorization": f"Bearer {self.plain}"} if self.plain else {}
        sent |= {"Idempotency-Key": key} if key else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(
            method,
            path if path.startswith(("/", "http")) else f"/api/v1/{path}",
            b"" if body is None else raw,
            content_type=sent.pop("Content-Type", "application/json"),
            headers=sent,
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **more: str) -> Any:
        return self.send("POST", path, body, **more)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def once(self, path: str, body: Any = None) -> Any:
        """POST under a new key."""
        return self.post(path, {} if body is None else body, key=uuid.uuid4().hex)


def said(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal, which must have the one shape that all have."""
    body = json.loads(answer.content)
    assert set(body) == {"code", "message", "fields"}
    assert body["message"]
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, body["code"]
