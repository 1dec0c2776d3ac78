"""The inbound webhook: anybody's script tells us an event."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from integrations import connections, intake
from integrations.models import Connection, Receipt, ReceiptState
from loyalty.models import Customer, Event
from tests.integrations.shop import EVENT, SECRET, as_bytes, our_headers, post

pytestmark = pytest.mark.django_db


def send(connection: Connection, body: object, secret: str = SECRET) -> Any:
    raw = as_bytes(body)
    return post(connection, raw, our_headers(raw, int(datetime.now(UTC).timestamp()), secret))


def event_names() -> list[str]:
    return sorted(Event.objects.values_list("name", flat=True))


def test_an_event_is_told_of_its_customer_once(inbound):
    answers = [send(inbound, EVENT) for _ in range(3)]
    intake.drain(inbound.pk)
    intake.drain(inbound.pk)

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    event = Event.objects.get(name="class_booked")
    assert event.customer == Customer.objects.get(email="ann@example.com")
    assert event.data == EVENT["data"]
    assert event.key == f"connection:{inbound.pk}:msg-1"
    assert (event.cause, event.depth) == (f"webhook:{inbound.pk}", 0)
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.customer) == (ReceiptState.DONE, event.customer)


def test_a_customer_nobody_knows_is_made_without_consent(inbound):
    send(inbound, EVENT)
    intake.drain(inbound.pk)

    assert not Customer.objects.get().consents_to("email")


def test_a_key_of_its_own_makes_two_deliveries_one_event(inbound):
    for webhook_id in ("a", "b"):
        send(inbound, EVENT | {"id": webhook_id, "key": "booking 12"})
    intake.drain(inbound.pk)

    assert Receipt.objects.filter(state=ReceiptState.DONE).count() == 2
    assert event_names() == ["class_booked", "customer_created"]


def test_ids_of_two_connections_never_meet(inbound):
    other = connections.make("inbound", "Other script", {"secret": SECRET})

    for connection in (inbound, other):
        send(connection, EVENT)
        intake.drain(connection.pk)

    assert event_names() == ["class_booked", "class_booked", "customer_created"]


def test_standard_webhooks_are_understood_as_well(db):
    secret = connections.new_signing_secret()
    connection = connections.make("inbound", "Library", {"secret": secret})
    body, now = json.dumps(EVENT), datetime.now(UTC)
    headers = {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", now, body),
    }

    assert post(connection, body.encode(), headers).status_code == 200
    assert post(connection, body.encode() + b" ", headers).status_code == 401


@pytest.mark.parametrize("missing", [{}, {"id": None}, {"id": ""}])
def test_without_an_id_nothing_is_kept(inbound, missing):
    body = {name: value for name, value in EVENT.items() if name != "id"} | missing

    answer = send(inbound, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "id_required")
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("name", ["order_paid", "customer_created", "message_opened"])
def test_the_products_own_events_cannot_be_told_from_outside(inbound, name):
    answer = send(inbound, EVENT | {"name": name})

    assert (answer.status_code, answer.json()["code"]) == (400, "reserved_name")
    assert not Receipt.objects.exists()


def test_an_id_that_was_used_for_something_else_is_refused(inbound):
    send(inbound, EVENT)

    answer = send(inbound, EVENT | {"data": {"class": "Cupping"}})
    again = send(inbound, json.dumps(EVENT, indent=2).encode())

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reuse")
    assert again.status_code == 200
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"id": 7}, "invalid", "id"),
        ({"id": "é"}, "invalid", "id"),
        ({"id": "x" * 129}, "invalid", "id"),
        ({"name": ""}, "invalid", "name"),
        ({"name": "x" * 81}, "invalid", "name"),
        ({"name": None}, "invalid", "name"),
        ({"customer": {}}, "invalid", "customer"),
        ({"customer": {"email": "no address"}}, "invalid", "email"),
        ({"customer": {"phone": "12"}}, "invalid", "phone"),
        ({"customer": None}, "invalid", "customer"),
        ({"occurred_at": "yesterday"}, "invalid", "occurred_at"),
        ({"data": []}, "invalid", "data"),
        ({"consent": {"email": True}}, "unknown_field", "consent"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(inbound, change, code, field):
    answer = send(inbound, EVENT | change)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert field in " ".join(answer.json()["fields"])
    assert not Receipt.objects.exists()


def test_more_than_sixteen_kilobytes_of_data_are_too_much(inbound):
    answer = send(inbound, EVENT | {"data": {"text": "x" * 17_000}})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not Receipt.objects.exists()


def test_an_id_that_no_customer_has_is_a_note_for_the_shop(inbound):
    answer = send(inbound, EVENT | {"customer": {"id": 404}})
    intake.drain(inbound.pk)

    assert answer.status_code == 200
    receipt = Receipt.objects.get()
    assert receipt.state == ReceiptState.REJECTED
    assert "404" in receipt.note
    assert not Event.objects.exists()
