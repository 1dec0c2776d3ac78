"""Other systems as a test plays them: they sign what they post to a connection's address."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from integrations import connections
from integrations.models import Connection

SECRET = "shpss_a-secret-of-the-shop"

# A Shopify order as its webhooks send it, down to what we read of it.
ORDER: dict[str, Any] = {
    "id": 1001,
    "currency": "USD",
    "financial_status": "paid",
    "fulfillment_status": None,
    "cancelled_at": None,
    "processed_at": "2026-03-02T10:00:00-05:00",
    "created_at": "2026-03-02T10:00:00-05:00",
    "updated_at": "2026-03-02T10:00:00-05:00",
    "subtotal_price": "90.00",
    "total_tax": "9.00",
    "total_price": "99.00",
    "email": "ann@example.com",
    "phone": None,
    "customer": {
        "id": 7,
        "email": "ann@example.com",
        "phone": "+41441234567",
        "first_name": "Ann",
        "last_name": "Lee",
    },
    "line_items": [
        {"sku": "MUG", "product_id": 5, "title": "Mug", "quantity": 2, "price": "45.00"},
    ],
    "refunds": [],
}
REFUND: dict[str, Any] = {
    "id": 501,
    "order_id": 1001,
    "transactions": [
        {"kind": "refund", "status": "success", "amount": "20.50", "currency": "USD"},
    ],
}
CUSTOMER: dict[str, Any] = {
    "id": 7,
    "email": "ann@example.com",
    "phone": "+41441234567",
    "first_name": "Ann",
    "last_name": "Lee",
    "email_marketing_consent": {"state": "subscribed"},
}
EVENT: dict[str, Any] = {
    "id": "msg-1",
    "name": "class_booked",
    "customer": {"email": "ann@example.com"},
    "data": {"class": "Latte art", "seats": 2},
}


def as_bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def path_of(connection: Connection) -> str:
    return urlsplit(connections.address(connection)).path


def post(connection: Connection, body: Any, headers: dict[str, str], path: str = "") -> Any:
    return Client().post(
        path or path_of(connection),
        data=as_bytes(body),
        content_type="application/json",
        headers=headers,
    )


def shopify_headers(topic: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }


def tell(connection: Connection, topic: str, body: Any, secret: str = SECRET) -> Any:
    """What Shopify does."""
    raw = as_bytes(body)
    return post(connection, raw, shopify_headers(topic, raw, secret))


def our_headers(body: bytes, sent: int, secret: str = SECRET) -> dict[str, str]:
    signature = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Regulars-Signature": f"t={sent},v1={signature}"}
