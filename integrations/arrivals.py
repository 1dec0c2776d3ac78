"""What a webhook brings, before anybody has understood it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request, byte for byte: all that a signature can cover.

    `headers` answers names in any case, as Django's does. `url` is the address that we published,
    because a proxy may have changed what the request calls its host.
    """

    body: bytes
    headers: Mapping[str, str]
    url: str = ""
    method: str = "POST"

    def header(self, name: str) -> str:
        """Its value, or nothing where it is missing or not printable ASCII."""
        value = self.headers.get(name, "")
        return value if value.isascii() and value.isprintable() else ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a receipt is filed under: `key` is unique in its connection (1–150 characters)."""

    key: str
    topic: str
