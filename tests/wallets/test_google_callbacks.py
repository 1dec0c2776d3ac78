"""Callbacks that Google signed are told from all others; the signatures are real ones."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.wallet.errors import BadCallback
from loyalty.wallet.google.callbacks import Said, verified
from tests.wallets.googles import ISSUER, Google, millis

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(seconds=1)


@pytest.fixture
def google() -> Google:
    return Google(NOW)


def read(google: Google, signed, roots=None) -> Said:
    body = signed if isinstance(signed, bytes) else json.dumps(signed).encode()
    return verified(body, google.roots() if roots is None else roots, ISSUER, now=NOW)


def test_what_google_signed_is_read(google):
    said = read(google, google.callback("abc", "save", nonce="n7"))

    assert said == Said(f"{ISSUER}.abc", "save", "n7")


def test_any_of_the_root_keys_will_do(google):
    other = Google(NOW)

    assert read(google, google.callback("abc", "del"), other.roots() + google.roots())


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "1"},
        {"sender": "GooglePay"},
        {"ends": BEFORE},
        {"key_ends": BEFORE},
    ],
)
def test_a_signature_for_something_else_is_refused(google, wrong):
    with pytest.raises(BadCallback):
        read(google, google.callback("abc", "save", **wrong))


@pytest.mark.parametrize("part", ["signedMessage", "signature", "protocolVersion"])
def test_what_was_changed_on_the_way_is_refused(google, part):
    signed = google.callback("abc", "save")
    signed[part] = signed[part].replace("a", "b").replace("E", "F")

    with pytest.raises(BadCallback):
        read(google, signed)


def test_a_key_of_somebody_else_is_refused(google):
    stranger = Google(NOW)

    with pytest.raises(BadCallback):
        read(google, stranger.callback("abc", "save"))
    with pytest.raises(BadCallback):
        read(google, google.callback("abc", "save"), google.roots(keyExpiration=millis(BEFORE)))
    with pytest.raises(BadCallback):
        read(google, google.callback("abc", "save"), [])


def test_a_key_between_that_the_root_did_not_sign_is_refused(google):
    signed, stranger = google.callback("abc", "save"), Google(NOW).callback("abc", "save")
    for part in ("signature", "signedMessage"):
        signed[part] = stranger[part]
    signed["intermediateSigningKey"]["signedKey"] = stranger["intermediateSigningKey"]["signedKey"]

    with pytest.raises(BadCallback):
        read(google, signed)


@pytest.mark.parametrize("junk", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000, b'{"a":1}'])
def test_junk_is_refused(google, junk):
    with pytest.raises(BadCallback):
        read(google, junk)
