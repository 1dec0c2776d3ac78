"""Giving the business what it signs its passes with; who else writes `WalletKeys` is wrong."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty.errors import Invalid
from loyalty.models import Business, WalletKeys
from loyalty.wallet.apple import identity
from loyalty.wallet.apple.identity import Unreadable
from loyalty.wallet.google import account


@dataclass(frozen=True, slots=True)
class Given:
    """What staff brought, as files and text; what is empty keeps what is there."""

    certificate: bytes = b""
    intermediate: bytes = b""
    key: bytes = b""
    google_account: bytes = b""
    google_issuer: str | None = None


def signing_request() -> bytes:
    """What Apple makes a certificate of, for a key that is made here and never leaves. Asked again
    before the certificate came, it is for the same key."""
    with transaction.atomic():
        keys = _locked()
        keys.secrets = {"apple_next_key": identity.new_key()} | keys.secrets
        keys.save()
    return identity.request_for(keys.secrets["apple_next_key"], Business.get().name)


def give(given: Given) -> WalletKeys:
    """Take in what was brought; raises Invalid by field, and then nothing has changed."""
    with transaction.atomic():
        keys = _locked()
        if problems := _taken(keys, given):
            raise Invalid(problems)
        keys.save()
    return keys


def problems(given: Given) -> dict[str, list[str]]:
    """What `give` would refuse, by field."""
    return _taken(WalletKeys.get(), given)


def _taken(keys: WalletKeys, given: Given) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, take in (
        ("certificate", _take_certificate),
        ("intermediate", _take_intermediate),
        ("google_account", _take_account),
    ):
        try:
            take(keys, given)
        except Unreadable as error:
            found[field] = [str(error)]
    if given.google_issuer is not None:
        keys.google_issuer = given.google_issuer
    return found


def _locked() -> WalletKeys:
    WalletKeys.objects.get_or_create(pk=1)
    return WalletKeys.objects.select_for_update().get(pk=1)


def _take_certificate(keys: WalletKeys, given: Given) -> None:
    """With the key that it belongs to: brought along, of the request, or the one before."""
    if not given.certificate:
        return
    found = identity.certificate(given.certificate)
    secrets: dict[str, Any] = keys.secrets
    kept = [secrets.get(name, "") for name in ("apple_next_key", "apple_key")]
    for pem in [given.key.decode(errors="replace"), *kept]:
        if pem and identity.belong_together(found, identity.private_key(pem.encode())):
            break
    else:
        text = _("This certificate belongs to no key that is here: make a signing request first.")
        raise Unreadable(text)
    keys.apple_certificate = identity.pem(found)
    others = {name: value for name, value in secrets.items() if name != "apple_next_key"}
    keys.secrets = others | {"apple_key": pem}


def _take_intermediate(keys: WalletKeys, given: Given) -> None:
    if given.intermediate:
        keys.apple_intermediate = identity.pem(identity.certificate(given.intermediate))


def _take_account(keys: WalletKeys, given: Given) -> None:
    if given.google_account:
        keys.secrets = keys.secrets | {"google_account": account.read(given.google_account)}
