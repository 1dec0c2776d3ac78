"""The one way out: every request to somebody else's server is sent from here.

It goes to public addresses only, by https, to the address that was looked up and checked, follows
no redirect, uses no proxy from the environment, and neither waits nor reads for long. Who tries
things out lists `host:port` in `OUTBOUND_ALLOW`: those may be private, and speak http.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure

CONNECT = 5.0  # seconds
DEADLINE = 15.0  # seconds for all of it, however the bytes drip
MOST_BYTES = 64 * 1024  # of an answer; what is over is not read
MOST_ADDRESSES = 3
HTTPS = 443
TRY_LATER = {408, 425, 429, 500, 502, 503, 504}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Networks that carry an IPv4 address inside, and so could lead anywhere (RFC 6052, 3056, 4380).
DISGUISES = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Web:
    """One or several requests over kept connections; to be closed, so used by `with`."""

    def __init__(self, *, context: ssl.SSLContext | None = None, is_http2: bool = False) -> None:
        # Not httpx's own: Python's knows the certificates of this machine, SSL_CERT_FILE included.
        self._client = httpx.Client(
            verify=context or ssl.create_default_context(),
            http2=is_http2,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(DEADLINE, connect=CONNECT),
        )

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """What the other side answered, whatever its status.

        PermanentFailure for an address that nothing is sent to, TemporaryFailure where nobody was
        reached, InDoubt where the connection broke after that. Not to be called in a transaction.
        """
        parts = urlsplit(url)
        host, port = _checked(parts)
        failure: Exception | None = None
        for address in _looked_up(host, port)[:MOST_ADDRESSES]:
            try:
                return self._send_to(address, parts, method, headers or {}, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            except httpx.HTTPError as error:
                raise InDoubt(_("The connection to %s broke.") % host) from error
        raise TemporaryFailure(_("%s could not be reached.") % host) from failure

    def _send_to(
        self,
        address: Address,
        parts: SplitResult,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        """To that very address, under the name it was looked up by."""
        ends = time.monotonic() + DEADLINE
        literal = f"[{address}]" if address.version == 6 else str(address)
        port = f":{parts.port}" if parts.port else ""
        target = parts._replace(netloc=f"{literal}{port}", fragment="").geturl()
        named = {"Host": parts.netloc, "Accept-Encoding": "identity"} | dict(headers)
        request = self._client.build_request(
            method, target, headers=named, content=body, extensions={"sni_hostname": parts.hostname}
        )
        read = bytearray()
        answer = self._client.send(request, stream=True)
        try:
            for piece in answer.iter_raw():
                read += piece
                if len(read) > MOST_BYTES:
                    break
                if time.monotonic() > ends:
                    raise InDoubt(_("%s took too long to answer.") % parts.hostname)
        finally:
            answer.close()
        return Answer(answer.status_code, answer.headers, bytes(read[:MOST_BYTES]))


def _checked(parts: SplitResult) -> tuple[str, int]:
    """Host and port; raises PermanentFailure for what is no address to send to."""
    try:
        host, port = parts.hostname or "", parts.port or (HTTPS if parts.scheme == "https" else 80)
    except ValueError as error:
        raise PermanentFailure(_("This is no web address.")) from error
    if parts.username or parts.password or not host:
        raise PermanentFailure(_("This is no web address."))
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_allowed(host, port)):
        raise PermanentFailure(_("Only addresses with https:// are spoken to."))
    return host, port


def _looked_up(host: str, port: int) -> list[Address]:
    """Where that name leads; raises PermanentFailure unless every answer is public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TemporaryFailure(_("%s could not be found.") % host) from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))
    if not _is_allowed(host, port) and not all(map(is_public, addresses)):
        raise PermanentFailure(_("%s is not a public address.") % host)
    return addresses


def _is_allowed(host: str, port: int) -> bool:
    return f"{host}:{port}" in settings.OUTBOUND_ALLOW


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet, in itself and in what it may stand for."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in DISGUISES):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def refusal(answer: Answer, who: str) -> TemporaryFailure | PermanentFailure:
    """Of an answer that is no success: whether to try again."""
    if answer.status in TRY_LATER:
        return TemporaryFailure(
            _("%(who)s answered %(status)d: try again later.")
            % {"who": who, "status": answer.status}
        )
    said = " ".join(answer.body.decode(errors="replace").split())[:150]
    return PermanentFailure(
        _("%(who)s refused it with %(status)d: %(said)s")
        % {"who": who, "status": answer.status, "said": said}
    )
