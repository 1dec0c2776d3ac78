"""The OpenAPI document says what the code does."""

import io

import jsonschema
import pytest
import yaml
from django.core.management import call_command

from tests.api.test_permissions import ROWS


@pytest.fixture(scope="module")
def schema():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def operations(schema):
    return {
        (method.upper(), path.removeprefix("/api/v1/")): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def plain(route):
    """ "cards/<str:serial>/" as the document writes it."""
    return (
        route.replace("<str:", "{")
        .replace("<int:", "{")
        .replace("<slug:", "{")
        .replace("<path:", "{")
        .replace(">", "}")
    )


def test_every_call_is_documented_and_nothing_else(schema):
    assert set(operations(schema)) == {(method, plain(route)) for method, route in ROWS}


def test_every_call_says_what_it_is_and_how_it_refuses(schema):
    for call, operation in operations(schema).items():
        assert operation["summary"], call
        assert {"401", "403", "500", "503"} <= set(operation["responses"]), call
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= set(operation["responses"]), call
        if "{" in call[1]:
            assert "404" in operation["responses"], call


def test_what_needs_a_key_says_so(schema):
    keyed = {
        call
        for call, operation in operations(schema).items()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "Idempotency-Key" and parameter.get("required")
    }

    assert keyed == {
        ("POST", "kiosk/"),
        ("POST", "cards/"),
        ("POST", "cards/{serial}/accrue/"),
        ("POST", "cards/{serial}/redeem/"),
        ("POST", "cards/{serial}/renew/"),
        ("POST", "cards/{serial}/hold/"),
        ("POST", "cards/{serial}/transfer/"),
        ("POST", "presents/"),
        ("POST", "imports/"),
        ("POST", "exports/"),
        ("POST", "claims/{claim_id}/capture/"),
        ("POST", "claims/{claim_id}/void/"),
        ("POST", "operations/{operation_id}/reverse/"),
        ("POST", "coupons/"),
        ("POST", "coupons/redeem/"),
        ("POST", "reviews/"),
    }


def test_answers_are_as_documented(schema, office, coffee_card, aurora_card, dora):
    serial = coffee_card.serial
    order = {"key": "o", "customer": dora.pk, "total_cents": 9, "currency": "USD", "status": "paid"}
    event = {"name": "n", "key": "k", "customer": dora.pk}
    document = {"format": 1, "slug": "s", "name": "n", "triggers": [], "steps": []}
    calls = [
        ("POST", "scan/", "scan/", {"code": serial}),
        ("GET", "cards/", "cards/?search=dora", None),
        ("GET", "device/", "device/", None),
        ("POST", "kiosk/", "kiosk/", {"code": serial}),
        ("GET", "cards/{serial}/", f"cards/{serial}/", None),
        ("POST", "cards/{serial}/accrue/", f"cards/{serial}/accrue/", {"amount": 10}),
        ("POST", "cards/{serial}/redeem/", f"cards/{serial}/redeem/", {}),
        ("GET", "cards/{serial}/operations/", f"cards/{serial}/operations/", None),
        ("PATCH", "cards/{serial}/", f"cards/{serial}/", {"expires_at": None}),
        ("POST", "cards/", "cards/", {"program": "coffee", "customer": dora.pk}),
        ("POST", "customers/", "customers/", {"first_name": "Eve", "birthday": "1990-01-01"}),
        ("GET", "customers/", "customers/?limit=1", None),
        ("GET", "customers/{customer_id}/", f"customers/{dora.pk}/", None),
        ("POST", "orders/", "orders/", order),
        ("GET", "orders/", "orders/", None),
        ("POST", "events/", "events/", [event, 5]),
        ("POST", "automations/", "automations/", document),
        ("GET", "automations/", "automations/", None),
        ("GET", "automations/types/", "automations/types/", None),
        ("GET", "automations/{slug}/journeys/", "automations/s/journeys/", None),
        ("GET", "cards/{serial}/", "cards/unknown/", None),
        ("POST", "customers/", "customers/", {"surprise": 1}),
    ]
    documented = operations(schema)

    for method, route, path, body in calls:
        answer = office.send(method, path, body, key=f"key of {path}")
        response = documented[method, route]["responses"][str(answer.status_code)]
        shape = response["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), _closed(schema) | shape)


def _closed(schema):
    """The components as JSON Schema: objects with no other fields, and null where it is allowed."""
    return {"components": _as_json_schema(schema["components"])}


def _as_json_schema(part):
    if isinstance(part, list):
        return [_as_json_schema(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {name: _as_json_schema(each) for name, each in part.items()}
    if "properties" in part and "additionalProperties" not in part:
        part["additionalProperties"] = False
    return {"anyOf": [part, {"type": "null"}]} if part.pop("nullable", False) else part


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/schema/", "/api/schema/?format=json"])
def test_the_document_is_json_for_whoever_does_not_ask(client, address):
    assert client.get(address).json()["info"]["title"] == "Regulars"


@pytest.mark.django_db
def test_the_document_and_its_page_are_served(client):
    asked = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi"})

    assert yaml.safe_load(asked.content)["info"]["title"] == "Regulars"
    assert client.get("/api/docs/").status_code == 200
