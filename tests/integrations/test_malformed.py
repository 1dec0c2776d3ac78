"""Whatever a signed body holds, the sender has an answer below 500 and the worker goes on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations import documents, intake
from integrations.errors import Unreadable
from integrations.models import Receipt, ReceiptState
from tests.integrations.shop import (
    CUSTOMER,
    EVENT,
    ORDER,
    REFUND,
    as_bytes,
    our_headers,
    post,
    tell,
)

# Not JSON, or JSON that two readers would not understand alike.
RAW = {
    "nothing": b"",
    "blank": b"  \n",
    "text": b"hello",
    "a form": b"id=1&total_price=99.00",
    "half an object": b'{"id": 1',
    "two objects": b"{}{}",
    "a list": b"[]",
    "a list of lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"id": NaN}',
    "infinity": b'{"id": 1001, "total_price": Infinity}',
    "bad UTF-8": b'{"id": "\xff\xfe"}',
    "UTF-16": json.dumps(ORDER).encode("utf-16"),
    "a BOM": b"\xef\xbb\xbf" + as_bytes(ORDER),
    "NUL bytes": b"\x00" * 100,
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "a name twice": b'{"id": 1, "id": 2}',
    "digits without end": b'{"id": ' + b"9" * 10_000 + b"}",
}

# One value at a time that one of the two databases, or Python, cannot bear.
NASTY: dict[str, Any] = {
    "NUL": "\x00",
    "a lone surrogate": "\ud800",
    "long text": "x" * 100_000,
    "emptiness": "",
    "a huge exponent": "1E+1000000",
    "a huge number": 2**63,
    "a huge negative number": -(2**70),
    "a fraction": 1.9,
    "true": True,
    "an object": {"a": {"b": {}}},
    "a list": [[1], {}, None],
    "another script": "١٢٣",
    "the last year": "9999-12-31T23:59:59-14:00",
    "no date": "0000-00-00T00:00:00Z",
    "null": None,
}


def is_answered_and_settled(connection: Any, answer: Any) -> None:
    assert answer.status_code < 500
    intake.drain(connection.pk, budget=30)
    assert not Receipt.objects.filter(state=ReceiptState.RECEIVED).exists()
    unexpected = Receipt.objects.filter(note__startswith="Something unexpected")
    assert list(unexpected.values_list("note", "body")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
@pytest.mark.parametrize("topic", ["orders/paid", "refunds/create", "customers/create"])
def test_shopify_may_send_what_is_not_json(shopify, topic, body):
    is_answered_and_settled(shopify, tell(shopify, topic, body))


@pytest.mark.django_db
@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
def test_scripts_may_send_what_is_not_json(inbound, body):
    answer = post(inbound, body, our_headers(body, int(datetime.now(UTC).timestamp())))

    assert answer.status_code in (400, 413, 422)
    assert not Receipt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_no_value_in_any_field_of_shopify_is_an_error_of_ours(shopify, aurora, nasty):
    line, account = ORDER["line_items"][0], ORDER["customer"]
    bodies = [
        *(("orders/paid", ORDER | {name: nasty}) for name in ORDER),
        *(("orders/paid", ORDER | {"line_items": [line | {name: nasty}]}) for name in line),
        *(("orders/paid", ORDER | {"customer": account | {name: nasty}}) for name in account),
        *(("refunds/create", REFUND | {name: nasty}) for name in REFUND),
        *(
            ("refunds/create", REFUND | {"transactions": [paid_back | {name: nasty}]})
            for paid_back in REFUND["transactions"]
            for name in paid_back
        ),
        *(("customers/create", CUSTOMER | {name: nasty}) for name in CUSTOMER),
    ]

    for topic, body in bodies:
        is_answered_and_settled(shopify, tell(shopify, topic, body))


@pytest.mark.django_db
@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_no_value_in_any_field_of_a_script_is_an_error_of_ours(inbound, nasty):
    bodies = [
        *(EVENT | {name: nasty} for name in (*EVENT, "key", "occurred_at")),
        *(EVENT | {"customer": {name: nasty}} for name in ("id", "email", "phone", "external_id")),
        EVENT | {"data": {"deep": [nasty]}},
        EVENT | {"data": {str(nasty): 1}},
    ]

    for body in bodies:
        raw = as_bytes(body)
        sent = int(datetime.now(UTC).timestamp())
        is_answered_and_settled(inbound, post(inbound, raw, our_headers(raw, sent)))


# --- The reader -----------------------------------------------------------------------------------


READABLE = {"a BOM", "UTF-16"}  # JSON all the same, as Python reads it


@pytest.mark.parametrize("what", sorted(RAW.keys() - READABLE))
def test_what_is_no_json_object_is_unreadable(what):
    with pytest.raises(Unreadable, match="JSON"):
        documents.read(RAW[what])


def test_what_is_absent_or_null_is_empty():
    document = documents.read(b'{"a": null}')

    for name in ("a", "b"):
        assert name not in document
        assert document.text(name) == ""
        assert document.amount(name, "USD") == 0
        assert document.moment(name) is None
        assert not document.object(name)
        assert list(document.objects(name)) == []


def test_the_wrong_type_is_named_with_its_path():
    document = documents.read(b'{"orders": [{"buyer": {"email": 5}}]}')

    (order,) = document.objects("orders")
    with pytest.raises(Unreadable, match=r"“orders\[0\]\.buyer\.email”"):
        order.object("buyer").text("email")


def test_text_loses_what_no_database_keeps():
    document = documents.read(json.dumps({"title": " Mug\x00 \ud800 "}).encode())

    assert document.text("title") == "Mug"


def test_a_moment_is_an_instant_in_utc():
    document = documents.read(
        b'{"at": "2026-03-02T10:00:00-05:00", "local": "2026-03-02T10:00:00"}'
    )

    assert document.moment("at") == datetime(2026, 3, 2, 15, tzinfo=UTC)
    with pytest.raises(Unreadable):
        document.moment("local")


def test_a_number_is_exact_money_too():
    document = documents.read(b'{"float": 41.94, "whole": 42, "huge": 1e400, "no": true}')

    assert document.amount("float", "USD") == 4194
    assert document.amount("whole", "USD") == 4200
    for name in ("huge", "no"):
        with pytest.raises(Unreadable):
            document.amount(name, "USD")
