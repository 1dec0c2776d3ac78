"""A phone: opens passes as Apple's do, and speaks to our web service over real requests."""

import io
import json
import zipfile
from typing import Any
from urllib.parse import urlsplit

from django.test import Client


class Pkpass:
    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    @property
    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.files["pass.json"])
        return read

    def said(self) -> dict[str, Any]:
        """Every field's value, by its key."""
        style = next(
            self.document[name]
            for name in ("storeCard", "coupon", "generic", "eventTicket")
            if name in self.document
        )
        return {field["key"]: field["value"] for fields in style.values() for field in fields}


class Phone:
    """Keeps one pass, and asks for a newer one when it is told to."""

    def __init__(self, library: str, push_token: str) -> None:
        self.library, self.push_token = library, push_token
        self.client = Client(raise_request_exception=False)
        self.tag = ""
        self.date = ""
        self.kept: Pkpass

    def open(self, answer: Any) -> None:
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/vnd.apple.pkpass"
        self.kept = Pkpass(answer.content)
        self.date = answer["Last-Modified"]

    def register(self, **changes: Any) -> int:
        body = json.dumps({"pushToken": self.push_token})
        path = self._registration(changes)
        return int(self._send("POST", path, body, **changes).status_code)

    def unregister(self, **changes: Any) -> int:
        return int(self._send("DELETE", self._registration(changes), **changes).status_code)

    def changed(self) -> list[str]:
        """The serials of what changed since the phone asked the last time."""
        tag = f"?passesUpdatedSince={self.tag}" if self.tag else ""
        path = f"/v1/devices/{self.library}/registrations/{self._type}{tag}"
        answer = self._send("GET", path)
        if answer.status_code == 204:
            return []
        self.tag = answer.json()["lastUpdated"]
        serials: list[str] = answer.json()["serialNumbers"]
        return serials

    def fetch(self, **changes: Any) -> int:
        """Ask for the pass if it is newer, and keep it then."""
        serial = changes.pop("serial", self.kept.document["serialNumber"])
        sent = {"If-Modified-Since": self.date} if self.date else {}
        answer = self._send("GET", f"/v1/passes/{self._type}/{serial}", headers=sent, **changes)
        if answer.status_code == 200:
            self.open(answer)
        return int(answer.status_code)

    def log(self, *lines: str) -> int:
        return int(self._send("POST", "/v1/log", json.dumps({"logs": lines})).status_code)

    @property
    def _type(self) -> str:
        return str(self.kept.document["passTypeIdentifier"])

    def _registration(self, changes: dict[str, Any]) -> str:
        serial = changes.pop("serial", self.kept.document["serialNumber"])
        return f"/v1/devices/{self.library}/registrations/{self._type}/{serial}"

    def _send(
        self,
        method: str,
        path: str,
        body: str = "",
        *,
        token: str = "",
        headers: dict[str, str] | None = None,
    ) -> Any:
        token = token or self.kept.document["authenticationToken"]
        base = urlsplit(self.kept.document["webServiceURL"]).path
        return self.client.generic(
            method,
            f"{base}{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"ApplePass {token}"} | (headers or {}),
        )
