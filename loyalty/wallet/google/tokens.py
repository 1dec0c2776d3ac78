"""What is signed for Google with the service account's key: the save link, and who we are."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from google.auth import crypt, jwt

from loyalty.models import Card
from loyalty.wallet.google import objects
from loyalty.wallet.google.account import Account

SAVE_URL = "https://pay.google.com/gp/v/save/"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
LIFE = timedelta(minutes=55)  # Google takes an hour at most


def save_link(card: Card, account: Account, *, now: datetime) -> str:
    """Where a customer saves the card; Google knows its object already, so the link stays short
    (developers.google.com/wallet, "Add to Google Wallet link")."""
    issuer = account.issuer
    ids = {"id": objects.object_id(issuer, card), "classId": objects.class_id(issuer, card.program)}
    claims = {
        "iss": account.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [settings.PUBLIC_BASE_URL],
        "payload": {"loyaltyObjects": [ids]},
    }
    return f"{SAVE_URL}{_signed(claims, account)}"


def assertion(account: Account, *, now: datetime) -> str:
    """That we are the service account, for Google's token address (RFC 7523)."""
    claims = {
        "iss": account.email,
        "scope": SCOPE,
        "aud": account.token_url,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    return _signed(claims, account)


def _signed(claims: dict[str, Any], account: Account) -> str:
    read: Any = crypt.RSASigner.from_string  # untyped there, as is what follows
    encode: Any = jwt.encode
    return bytes(encode(read(account.key_pem, account.key_id or None), claims)).decode()
