"""The address that other systems post to: who is let in, and what is kept."""

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from integrations import connections as accounts
from integrations import intake
from integrations.models import Receipt, ReceiptState
from tests.integrations.shop import (
    EVENT,
    ORDER,
    SECRET,
    as_bytes,
    our_headers,
    path_of,
    post,
    shopify_headers,
    tell,
)
from tests.trouble import database_raises

pytestmark = pytest.mark.django_db

NOT_FOUND = {"code": "not_found", "message": "There is no such thing.", "fields": {}}


def nothing_is_kept() -> bool:
    return not Receipt.objects.exists()


def test_a_signed_delivery_is_kept_as_it_came_and_read_later(shopify):
    body = json.dumps(ORDER, indent=3).encode()

    answer = tell(shopify, "orders/paid", body)

    assert answer.status_code == 200
    receipt = Receipt.objects.get()
    assert bytes(receipt.body) == body
    assert (receipt.topic, receipt.state) == ("orders/paid", ReceiptState.RECEIVED)


def test_the_same_delivery_is_kept_once_and_answered_alike(shopify):
    answers = [tell(shopify, "orders/paid", ORDER) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert Receipt.objects.count() == 1


def test_one_body_under_two_topics_is_two_deliveries(shopify):
    tell(shopify, "orders/paid", ORDER)
    tell(shopify, "orders/updated", ORDER)

    assert Receipt.objects.count() == 2


def test_the_same_delivery_to_two_connections_is_kept_by_both(shopify):
    other = accounts.make("shopify", "Second shop", {"secret": SECRET})

    tell(shopify, "orders/paid", ORDER)
    tell(other, "orders/paid", ORDER)

    assert Receipt.objects.count() == 2


@pytest.mark.parametrize("part", ["connector", "no connector", "uuid", "no uuid", "secret"])
def test_a_wrong_part_of_the_address_is_not_found_in_the_same_words(shopify, part):
    _, hooks, connector, uuid, secret, _ = path_of(shopify).split("/")
    wrong = {
        "connector": ["inbound", uuid, secret],
        "no connector": ["amazon", uuid, secret],
        "uuid": [connector, str(uuid4()), secret],
        "no uuid": [connector, "é", secret],
        "secret": [connector, uuid, "é" + secret],
    }[part]
    body = as_bytes(ORDER)

    answer = post(
        shopify, body, shopify_headers("orders/paid", body), path="/".join(["", hooks, *wrong, ""])
    )

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert nothing_is_kept()


def test_an_inactive_connection_is_not_found(shopify):
    shopify.is_active = False
    shopify.save()

    answer = tell(shopify, "orders/paid", ORDER)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert nothing_is_kept()


def test_the_last_slash_may_be_missing(shopify):
    body = as_bytes(ORDER)

    answer = post(
        shopify, body, shopify_headers("orders/paid", body), path=path_of(shopify).rstrip("/")
    )

    assert answer.status_code == 200


def test_other_methods_are_refused_wherever_they_go(shopify):
    known, unknown = (
        Client().get(path) for path in (path_of(shopify), f"/hooks/shopify/{uuid4()}/x/")
    )

    assert known.status_code == unknown.status_code == 405
    assert known.json() == unknown.json()


# --- Signatures -----------------------------------------------------------------------------------

BODY = as_bytes(ORDER)
SIGNED = shopify_headers("orders/paid", BODY)
SIGNATURE = SIGNED["X-Shopify-Hmac-Sha256"]
MUTATIONS = {
    "one byte of the body": (BODY.replace(b"99.00", b"98.00"), SIGNED),
    "a space after the body": (BODY + b" ", SIGNED),
    "half of the body": (BODY[: len(BODY) // 2], SIGNED),
    "no body": (b"", SIGNED),
    "no signature": (BODY, {"X-Shopify-Topic": "orders/paid"}),
    "an empty signature": (BODY, SIGNED | {"X-Shopify-Hmac-Sha256": ""}),
    "a shorter signature": (BODY, SIGNED | {"X-Shopify-Hmac-Sha256": SIGNATURE[:-2]}),
    "a longer signature": (BODY, SIGNED | {"X-Shopify-Hmac-Sha256": SIGNATURE + "="}),
    "the signature in hexadecimal": (
        BODY,
        SIGNED | {"X-Shopify-Hmac-Sha256": base64.b64decode(SIGNATURE).hex()},
    ),
    "the signature twice": (BODY, SIGNED | {"X-Shopify-Hmac-Sha256": f"{SIGNATURE},{SIGNATURE}"}),
    "a signature that is not ASCII": (BODY, SIGNED | {"X-Shopify-Hmac-Sha256": "é" + SIGNATURE}),
    "somebody else's secret": (BODY, shopify_headers("orders/paid", BODY, "another secret")),
    "an empty secret": (BODY, shopify_headers("orders/paid", BODY, "")),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_a_changed_delivery_is_refused_and_nothing_is_kept(shopify, what):
    body, headers = MUTATIONS[what]

    answer = post(shopify, body, headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert nothing_is_kept()


def test_a_connection_without_a_secret_lets_nobody_in(shopify):
    shopify.credentials = {**shopify.credentials, "secret": "", "previous_secret": ""}
    shopify.save()

    answer = post(shopify, BODY, shopify_headers("orders/paid", BODY, ""))

    assert answer.status_code == 401
    assert nothing_is_kept()


def test_the_previous_secret_is_good_until_it_is_forgotten(shopify):
    accounts.change(shopify, {"secret": "the-new-secret"})
    shopify.save()

    old_and_new = [
        tell(shopify, topic, ORDER, secret)
        for topic, secret in (("orders/paid", SECRET), ("orders/updated", "the-new-secret"))
    ]
    accounts.change(shopify, {}, forget_previous=True)
    shopify.save()
    old = tell(shopify, "orders/create", ORDER, SECRET)

    assert [answer.status_code for answer in old_and_new] == [200, 200]
    assert old.status_code == 401
    assert Receipt.objects.count() == 2


def test_an_old_delivery_that_is_played_again_is_refused(inbound):
    body = as_bytes(EVENT)
    sent = datetime.now(UTC) - timedelta(seconds=310)

    answer = post(inbound, body, our_headers(body, int(sent.timestamp())))

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert nothing_is_kept()


# --- Size, and a database that is away ------------------------------------------------------------


def test_more_than_a_mebibyte_is_refused_before_it_is_read(shopify):
    body = b" " * (1024 * 1024 + 1)

    answer = post(shopify, body, shopify_headers("orders/paid", body))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert nothing_is_kept()


def test_a_mebibyte_is_kept(shopify):
    body = b" " * (1024 * 1024)

    assert tell(shopify, "orders/paid", body).status_code == 200


def test_a_database_that_is_away_asks_the_sender_to_come_again(shopify, caplog):
    away = OperationalError("the server closed the connection")

    with caplog.at_level(logging.DEBUG), database_raises(away, on="integrations_receipt"):
        answer = tell(shopify, "orders/paid", ORDER)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert shopify.credentials["path_secret"] not in caplog.text


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_fifty_copies_at_once_are_kept_once(shopify):
    if connection.vendor == "sqlite":
        pytest.skip("Threads share the cache of a database in memory, which refuses to wait.")

    def send(_: int) -> int:
        try:
            return int(tell(shopify, "orders/paid", ORDER).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as senders:
        statuses = list(senders.map(send, range(50)))

    assert statuses == [200] * 50
    assert Receipt.objects.count() == 1
    assert intake.due(datetime.now(UTC)) == [shopify.pk]
