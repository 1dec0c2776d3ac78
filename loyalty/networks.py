"""Where a request comes from, for whoever counts attempts: the one place that may believe a proxy.

`X-Forwarded-For` is a list to which each proxy adds whom it heard from; everything before the last
entry that a proxy of ours made can be invented by whoever sends it. So it is read from its end, and
only as far as `TRUSTED_PROXIES` reaches: so many proxies, or those of these networks.
"""

import ipaddress
import logging
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Trusted = int | tuple[Network, ...]

HEADER = "HTTP_X_FORWARDED_FOR"
# Whoever is given one address of IPv6 is given at least so many bits of them.
HOUSE_BITS = 64

log = logging.getLogger(__name__)


def of(request: HttpRequest) -> str:
    """The network of whoever asks: an address of IPv4, or the 64 bits of IPv6 that a house has.

    Without trusted proxies it is whoever is connected to us, whatever a header says.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    said = str(request.META.get(HEADER, ""))
    if said and not settings.TRUSTED_PROXIES:
        _tell_once()
    chain = [each.strip() for each in said.split(",") if each.strip()]
    return _house(_asker([*chain, connected], settings.TRUSTED_PROXIES))


def _asker(chain: list[str], trust: Trusted) -> str:
    """From the one who is connected to us back to the first who is no proxy of ours."""
    if isinstance(trust, int):
        return chain[max(0, len(chain) - 1 - trust)]
    *_said, asker = chain
    for before in reversed(chain[:-1]):
        if not _is_among(_address(asker), trust) or _address(before) is None:
            break
        asker = before
    return asker


def _is_among(address: Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """Some proxies write the port along: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _house(text: str) -> str:
    address = _address(text)
    if isinstance(address, ipaddress.IPv6Address):
        number = int(address) >> (128 - HOUSE_BITS) << (128 - HOUSE_BITS)
        return f"{ipaddress.IPv6Address(number)}/{HOUSE_BITS}"
    return str(address) if address else text[:64]


@cache
def _tell_once() -> None:
    log.warning(
        "A request came with X-Forwarded-For, which is not believed: if a proxy stands before us, "
        "name it in TRUSTED_PROXIES, or all who come through it are counted as one."
    )
