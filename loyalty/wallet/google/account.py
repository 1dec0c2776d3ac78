"""The service account with which the business speaks to Google, as Google's JSON file has it."""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils.translation import gettext as _

from loyalty.models import WalletKeys
from loyalty.wallet.apple.identity import Unreadable, private_key
from loyalty.wallet.errors import NotConfigured


@dataclass(frozen=True, slots=True)
class Account:
    issuer: str
    email: str
    key_id: str
    key: rsa.RSAPrivateKey
    key_pem: str
    token_url: str


def read(data: bytes) -> dict[str, Any]:
    """What the file says, made sure that it can be used; raises Unreadable."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("This is not the JSON file that Google gives.")) from error
    needed = ("client_email", "private_key", "token_uri")
    if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in needed):
        raise Unreadable(_("This is not the key of a service account."))
    private_key(said["private_key"].encode())
    return {name: str(said.get(name, "")) for name in (*needed, "private_key_id")}


def of(keys: WalletKeys) -> Account:
    """Raises NotConfigured where something is missing."""
    said = keys.secrets.get("google_account") or {}
    try:
        key = private_key(str(said.get("private_key", "")).encode())
    except Unreadable as error:
        raise NotConfigured from error
    if not keys.google_issuer:
        raise NotConfigured
    return Account(
        issuer=keys.google_issuer,
        email=said["client_email"],
        key_id=said["private_key_id"],
        key=key,
        key_pem=said["private_key"],
        token_url=said["token_uri"],
    )


def is_set_up(keys: WalletKeys) -> bool:
    try:
        of(keys)
    except NotConfigured:
        return False
    return True
