"""The outside of every address: shapes, sizes, types, and what happens when something breaks."""

import gzip
import json
import uuid

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError

from config.failures import bad_request, server_error
from loyalty import errors
from loyalty.api.errors import STATUSES
from loyalty.models import Customer, Operation
from tests.api.caller import said
from tests.trouble import database_raises

NOT_BUILT = [
    *("explain/", "explain/?customer=1&automation=x", "automations/x/simulate/"),
    *("automations/x/statistics/", "operations/", "operations/1/", "programs/", "tokens/"),
    *("cards", "scan", "customers", "nothing/at/all/", "", "/api/", "/api/v1", "/api/v2/scan/"),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_what_is_not_built_is_not_there(office, method):
    for path in NOT_BUILT:
        assert said(office.send(method, path, {})) == (404, "not_found"), path


def test_every_refusal_of_loyalty_has_a_status():
    def leaves(kind):
        return [leaf for sub in kind.__subclasses__() for leaf in (sub, *leaves(sub))]

    codes = {leaf.code for leaf in leaves(errors.LoyaltyError)}

    # Nobody outside can cause it: a condition that only Python can decide was asked of SQL.
    assert codes - {"not_in_sql"} <= set(STATUSES)


# --- What is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"),
        *("text/json", "application/xml", "application/json-patch+json", "", "x", "application/*"),
    ],
)
def test_only_json_is_read(office, business, kind):
    answer = office.post("customers/", {"email": "eve@example.com"}, Content_Type=kind)

    assert said(answer) == (415, "unsupported_media_type")
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_may_be_said_in_several_ways(office, business, kind):
    answer = office.post("customers/", {"email": "eve@example.com"}, Content_Type=kind)

    assert answer.status_code == 201


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_not_read(office, business, encoding):
    body = gzip.compress(json.dumps({"email": "eve@example.com"}).encode())

    answer = office.post("customers/", body, Content_Encoding=encoding)

    assert said(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "limit"), [("customers/", 256 * 1024), ("events/", 2 * 1024 * 1024)]
)
def test_a_body_has_a_largest_size(office, business, path, limit):
    fits = office.post(path, b" " * limit)
    too_large = office.post(path, b" " * (limit + 1))

    assert said(fits) == (400, "invalid")  # spaces are no JSON
    assert said(too_large) == (413, "too_large")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png", "nonsense", "*/*"])
def test_answers_are_json_whatever_was_asked_for(office, business, accept):
    answer = office.send("GET", "customers/", Accept=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_answers_are_not_to_be_kept(office, coffee_card):
    assert office.get(f"cards/{coffee_card.serial}/")["Cache-Control"] == "no-store"


def test_a_head_is_a_get_without_a_body(till, office, coffee_card):
    answer = till.send("HEAD", f"cards/{coffee_card.serial}/")

    assert (answer.status_code, answer.content) == (200, b"")
    assert till.send("HEAD", "customers/").status_code == 403


HARD = ["\x00", "\ud800", "x" * 70_000, "é" * 300, "\u202e", "' OR ''='", "{{ 7*7 }}", 2**62, -1]
HARD += [1e308, 0.1, True, None, [], {}, [[]], {"a": {"b": []}}, "", " ", "\n"]


@pytest.mark.parametrize("value", HARD, ids=lambda value: repr(value)[:16])
def test_no_value_in_any_field_breaks_anything(office, coffee_card, dora, value):
    """Every writable field of every call gets it; nothing may fail on our side."""
    calls = {
        "scan/": ["code"],
        "cards/": ["program", "customer"],
        f"cards/{coffee_card.serial}/accrue/": [
            *("amount", "unit", "purchase_cents", "order_key", "visits", "comment"),
        ],
        f"cards/{coffee_card.serial}/redeem/": ["amount", "unit", "reward", "comment"],
        f"operations/{coffee_card.operations.get().pk}/reverse/": ["reason"],
        "customers/": [
            *("email", "phone", "first_name", "last_name", "birthday", "language", "time_zone"),
            *("external_id", "tags", "attributes", "consent"),
        ],
        "orders/": [
            *("key", "customer", "placed_at", "subtotal_cents", "tax_cents", "total_cents"),
            *("currency", "lines", "status", "refunded_cents", "platform"),
        ],
        "events/": ["name", "key", "customer", "occurred_at", "data"],
        "automations/": ["format", "slug", "name", "label", "programs", "triggers", "steps"],
    }
    whole = {
        "cards/": {"program": "coffee", "customer": dora.pk},
        "orders/": {
            "key": "o1",
            "customer": dora.pk,
            "total_cents": 100,
            "currency": "USD",
            "status": "paid",
        },
        "events/": {"name": "n", "key": "k", "customer": dora.pk, "data": {}},
        "automations/": {"format": 1, "slug": "s", "name": "n", "triggers": [], "steps": []},
    }

    for path, fields in calls.items():
        for field in fields:
            answer = office.post(path, whole.get(path, {}) | {field: value}, key=uuid.uuid4().hex)
            assert answer.status_code < 500, (path, field)


# --- What breaks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [OperationalError("lock timeout"), InterfaceError("closed")])
def test_a_database_that_is_busy_is_worth_another_try(till, coffee_card, trouble):
    with database_raises(trouble, on="loyalty_account"):
        answer = till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    assert said(answer) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert not Operation.objects.filter(kind="accrue").exists()


def test_what_nobody_foresaw_is_said_in_json_and_told_to_the_log(till, coffee_card, caplog):
    with database_raises(ZeroDivisionError("secret detail"), on="loyalty_account"):
        answer = till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    assert said(answer) == (500, "error")
    assert b"secret" not in answer.content
    assert "ZeroDivisionError" in caplog.text


def test_what_the_database_refuses_is_the_callers_mistake(till, coffee_card):
    with database_raises(DataError("value too long"), on="loyalty_account"):
        answer = till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    assert said(answer) == (400, "invalid")


def test_what_reaches_no_view_is_said_in_json_too(rf):
    broken = server_error(rf.get("/api/v1/customers/"))
    wrong = bad_request(rf.get("/api/v1/customers/"), SuspiciousOperation())

    assert json.loads(broken.content)["code"] == "error"
    assert broken.status_code == 500
    assert json.loads(wrong.content)["code"] == "invalid"
    assert wrong.status_code == 400


def test_people_get_a_page(rf):
    assert server_error(rf.get("/admin/"))["Content-Type"].startswith("text/html")
    assert bad_request(rf.get("/admin/"), Exception())["Content-Type"].startswith("text/html")
