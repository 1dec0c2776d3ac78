"""Signatures declared as data: what verifies, and that nothing else does, nor raises."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.datastructures import CaseInsensitiveMapping
from standardwebhooks import Webhook

from integrations.arrivals import Arrival
from integrations.signatures import REGULARS, STANDARD, STANDARD_AS_TEXT, Hmac

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SECRET = "a-secret-of-theirs"
BODY = b'{"id": 1}'

PLAIN = Hmac(header="X-Signature", encoding="base64")


def arrival(headers: dict[str, str], body: bytes = BODY, url: str = "") -> Arrival:
    return Arrival(body=body, headers=CaseInsensitiveMapping(headers), url=url)


def base64_of(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def hex_of(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def ours(body: bytes = BODY, sent: datetime = NOW) -> dict[str, str]:
    t = int(sent.timestamp())
    return {"X-Regulars-Signature": f"t={t},v1={hex_of(f'{t}.'.encode() + body)}"}


# --- What verifies --------------------------------------------------------------------------------


def test_the_right_signature_verifies_whatever_the_case_of_the_header():
    signed = arrival({"x-signature": base64_of(BODY)})

    assert PLAIN.verifies(signed, [SECRET], now=NOW)


def test_the_old_secret_verifies_beside_the_new_one():
    signed = arrival({"X-Signature": base64_of(BODY, "old")})

    assert PLAIN.verifies(signed, ["new", "old"], now=NOW)
    assert not PLAIN.verifies(signed, ["new"], now=NOW)


def test_one_of_several_signatures_is_enough():
    t = int(NOW.timestamp())
    good = hex_of(f"{t}.".encode() + BODY)
    signed = arrival({"X-Regulars-Signature": f"t={t}, v1={'0' * 64}, v0=x, v1={good}"})

    assert REGULARS.verifies(signed, [SECRET], now=NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_delivery_may_be_five_minutes_old_or_early(seconds):
    signed = arrival(ours(sent=NOW + timedelta(seconds=seconds)))

    assert REGULARS.verifies(signed, [SECRET], now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_an_older_or_later_one_is_refused(seconds):
    signed = arrival(ours(sent=NOW + timedelta(seconds=seconds)))

    assert not REGULARS.verifies(signed, [SECRET], now=NOW)


def test_the_library_of_standard_webhooks_signs_what_we_verify():
    secret = "whsec_" + base64.b64encode(b"twenty-four random bytes").decode()
    signature = Webhook(secret).sign("msg_1", NOW, BODY.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1,{'A' * 44} {signature}",
    }

    assert STANDARD.verifies(arrival(headers), [secret], now=NOW)
    assert not STANDARD.verifies(arrival(headers | {"webhook-id": "msg_2"}), [secret], now=NOW)
    assert not STANDARD.verifies(arrival(headers, b"{}"), [secret], now=NOW)


def test_standard_webhooks_may_be_signed_with_the_secret_as_it_stands():
    t = int(NOW.timestamp())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(t),
        "webhook-signature": f"v1,{base64_of(f'msg_1.{t}.'.encode() + BODY)}",
    }

    assert STANDARD_AS_TEXT.verifies(arrival(headers), [SECRET], now=NOW)


# --- Rubbish --------------------------------------------------------------------------------------

RUBBISH = [
    "",
    " ",
    "é",
    "☃",
    "\udcff",
    "===",
    "A",
    "not base64 at all!",
    "zz" * 32,
    "v1=",
    "t=,v1=",
    "t=é,v1=é",
    "t=1e9,v1=00",
    "t=1_000,v1=00",
    "t=" + "9" * 5000 + ",v1=00",
    "t=-1,v1=00",
    "t=٣,v1=00",
    ",,,,,",
    "v1," * 500,
    "\x00",
]


@pytest.mark.parametrize("scheme", [PLAIN, REGULARS, STANDARD, STANDARD_AS_TEXT])
@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_is_a_no_and_never_an_error(scheme, rubbish):
    headers = {scheme.header: rubbish, "webhook-timestamp": rubbish, "webhook-id": rubbish}

    assert not scheme.verifies(arrival(headers), [SECRET, "é", "\udcff"], now=NOW)
    assert not scheme.verifies(arrival({}), [SECRET], now=NOW)


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_secret_never_verifies(empty):
    headers = {"X-Signature": base64_of(BODY, ""), "X-Regulars-Signature": ""}
    t = int(NOW.timestamp())
    headers["X-Regulars-Signature"] = f"t={t},v1={hex_of(f'{t}.'.encode() + BODY, '')}"
    headers |= {
        "webhook-id": "1",
        "webhook-timestamp": str(t),
        "webhook-signature": f"v1,{base64_of(f'1.{t}.'.encode() + BODY, '')}",
    }

    for scheme in (PLAIN, REGULARS, STANDARD, STANDARD_AS_TEXT):
        assert not scheme.verifies(arrival(headers), [empty], now=NOW)
    assert not STANDARD.verifies(arrival(headers), ["whsec_"], now=NOW)


def test_two_timestamps_are_none():
    header = ours()["X-Regulars-Signature"]
    t = int(NOW.timestamp())

    assert not REGULARS.verifies(
        arrival({"X-Regulars-Signature": f"{header},t={t}"}), [SECRET], now=NOW
    )


# --- What platforms publish -----------------------------------------------------------------------

# How each platform of the collection signs; what is not here is no HMAC (SendGrid: ECDSA; HubSpot's
# v1: a bare hash).
SCHEMES = {
    ("square", "official SDK vector"): Hmac(
        header="x-square-hmacsha256-signature", message="{url}{body}", encoding="base64"
    ),
    ("twilio", "form post"): Hmac(
        header="X-Twilio-Signature", message="{url}{form}", algorithm="sha1", encoding="base64"
    ),
    ("twilio", "JSON body via bodySHA256 query parameter"): Hmac(
        header="X-Twilio-Signature", message="{url}", algorithm="sha1", encoding="base64"
    ),
    ("slack", "official documentation vector"): Hmac(
        header="X-Slack-Signature",
        message="v0:{timestamp}:{body}",
        prefix="v0=",
        timestamp="X-Slack-Request-Timestamp",
    ),
    ("airtable", "content MAC, key is base64-decoded macSecretBase64"): Hmac(
        header="X-Airtable-Content-MAC", prefix="hmac-sha256=", key="base64"
    ),
    (
        "bigcommerce",
        "Standard Webhooks vector (BigCommerce: key = the client_secret bytes)",
    ): STANDARD,
    (
        "zendesk",
        "current order timestamp+body (computed here with the documented static test secret)",
    ): Hmac(
        header="X-Zendesk-Webhook-Signature",
        message="{timestamp}{body}",
        encoding="base64",
        timestamp="X-Zendesk-Webhook-Signature-Timestamp",
        clock="iso",
    ),
}
SENT = {
    "slack": datetime.fromtimestamp(1531420618, UTC),
    "bigcommerce": datetime.fromtimestamp(1614265330, UTC),
    "zendesk": datetime(2021, 7, 25, 10, tzinfo=UTC),
}


@pytest.mark.parametrize("which", SCHEMES, ids=lambda which: which[0])
def test_what_a_platform_publishes_verifies(which, payload):
    vector = vector_of(payload("signature_vectors.json"), which)
    scheme, now = SCHEMES[which], SENT.get(which[0], NOW)
    secret = vector.get("secret") or f"whsec_{vector['secret_base64']}"
    signed = arrival(vector["headers"], body_of(vector), vector.get("url", ""))

    assert scheme.verifies(signed, [secret], now=now)

    changed = arrival(vector["headers"], signed.body + b" ", signed.url + "x")
    assert not scheme.verifies(changed, [secret], now=now)
    assert not scheme.verifies(signed, ["c29tZXRoaW5nIGVsc2U="], now=now)
    if scheme.timestamp:
        assert not scheme.verifies(signed, [secret], now=now + timedelta(seconds=301))


def vector_of(vectors: list[dict[str, Any]], which: tuple[str, str]) -> dict[str, Any]:
    return next(v for v in vectors if (v["platform"], v["name"]) == which)


def body_of(vector: dict[str, Any]) -> bytes:
    if "form" in vector:
        return "&".join(
            f"{name}={value.replace('+', '%2B')}" for name, value in vector["form"].items()
        ).encode()
    return str(vector["body"]).encode()
