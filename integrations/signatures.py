"""How platforms sign what they send, declared as data.

    Hmac(header="X-Shopify-Hmac-Sha256", encoding="base64")

Whatever a stranger sends, the answer is yes or no, never an exception: `compare_digest` alone
raises TypeError for one non-ASCII letter.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from string import Formatter
from typing import Literal
from urllib.parse import parse_qsl

from integrations.arrivals import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac:
    """A keyed hash in a header.

    `message` is what is hashed: `{body}`, `{url}`, `{method}`, `{timestamp}`, `{form}` (the form's
    fields, sorted and joined) or `{Any-Header}`. The header may hold several signatures, divided by
    `separator`; those that begin with `prefix` are tried. `timestamp` names the header that holds
    the time of sending, or with a `=` at its end the item of the signature's own header (`t=`);
    then the webhook must be at most `tolerance` seconds old, or early. A secret is used as UTF-8
    or decoded from base64 after its `key_prefix`.
    """

    header: str
    message: str = "{body}"
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    separator: str = ""
    key: Literal["text", "base64"] = "text"
    key_prefix: str = ""
    timestamp: str = ""
    clock: Literal["seconds", "milliseconds", "iso"] = "seconds"
    tolerance: int = 300

    def verifies(self, arrival: Arrival, secrets: Iterable[str], *, now: datetime) -> bool:
        """Whether one of the header's signatures was made with one of `secrets`, and lately."""
        items = self._items(arrival)
        timestamp = self._timestamp(arrival, items)
        if self.timestamp and not self._is_recent(timestamp, now):
            return False
        message = b"".join(self._parts(arrival, timestamp))
        candidates = [i.removeprefix(self.prefix) for i in items if i.startswith(self.prefix)]
        return any(
            hmac.compare_digest(self._signature(key, message), candidate.encode())
            for key in self._keys(secrets)
            for candidate in candidates
        )

    def _items(self, arrival: Arrival) -> list[str]:
        value = arrival.header(self.header)
        items = value.split(self.separator) if self.separator else [value]
        return [item.strip() for item in items]

    def _timestamp(self, arrival: Arrival, items: Sequence[str]) -> str:
        if not self.timestamp.endswith("="):
            return arrival.header(self.timestamp)
        found = [i.removeprefix(self.timestamp) for i in items if i.startswith(self.timestamp)]
        return found[0] if len(found) == 1 else ""

    def _is_recent(self, timestamp: str, now: datetime) -> bool:
        try:
            sent = _seconds(timestamp, self.clock)
        except (ValueError, OverflowError):
            return False
        return abs(int(now.timestamp()) - sent) <= self.tolerance

    def _parts(self, arrival: Arrival, timestamp: str) -> Iterator[bytes]:
        for literal, name, _spec, _conversion in Formatter().parse(self.message):
            yield literal.encode()
            match name:
                case None:
                    pass
                case "body":
                    yield arrival.body
                case "form":
                    yield _sorted_form(arrival.body)
                case "url":
                    yield arrival.url.encode()
                case "method":
                    yield arrival.method.encode()
                case "timestamp":
                    yield timestamp.encode()
                case header:
                    yield arrival.header(header).encode()

    def _keys(self, secrets: Iterable[str]) -> list[bytes]:
        """The secrets as bytes; an empty one would let everybody in, so it is left out."""
        return [key for key in map(self._key, secrets) if key]

    def _key(self, secret: str) -> bytes:
        if self.key == "text":
            return secret.strip().encode(errors="replace")
        try:
            return base64.b64decode(secret.removeprefix(self.key_prefix), validate=True)
        except (binascii.Error, ValueError):
            return b""

    def _signature(self, key: bytes, message: bytes) -> bytes:
        digest = hmac.digest(key, message, self.algorithm)
        return digest.hex().encode() if self.encoding == "hex" else base64.b64encode(digest)


def _seconds(timestamp: str, clock: str) -> int:
    if clock == "iso":
        return int(datetime.fromisoformat(timestamp).timestamp())
    if not timestamp.isdigit():
        raise ValueError(timestamp)
    return int(timestamp) // (1000 if clock == "milliseconds" else 1)


def _sorted_form(body: bytes) -> bytes:
    fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    return "".join(name + value for name, value in sorted(set(fields))).encode(errors="replace")


# Our own scheme, and the one that libraries exist for in most languages (standardwebhooks.com).
REGULARS = Hmac(
    header="X-Regulars-Signature",
    message="{timestamp}.{body}",
    prefix="v1=",
    separator=",",
    timestamp="t=",
)
STANDARD = Hmac(
    header="webhook-signature",
    message="{webhook-id}.{timestamp}.{body}",
    encoding="base64",
    prefix="v1,",
    separator=" ",
    key="base64",
    key_prefix="whsec_",
    timestamp="webhook-timestamp",
)
# Those libraries take a secret for base64; whoever writes the few lines by hand takes it as it is.
STANDARD_AS_TEXT = replace(STANDARD, key="text")
