"""What `TRUSTED_PROXIES` says: whose `X-Forwarded-For` is believed (`loyalty.networks`)."""

import ipaddress
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

MOST = 20


def trusted(
    said: Sequence[str],
) -> int | tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """One whole number (so many proxies), or addresses and networks; nothing: none.

    Raises ImproperlyConfigured, in words for whoever set it.
    """
    words = [word.strip() for word in said if word.strip()]
    if len(words) == 1 and words[0].isdecimal():
        if int(words[0]) <= MOST:
            return int(words[0])
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {words[0]} proxies are too many.")
    try:
        return tuple(ipaddress.ip_network(word) for word in words)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES is how many proxies there are, or their networks: {error}."
        ) from error
