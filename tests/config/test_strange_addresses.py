"""What nobody would type in an address: never an error of ours, on either database."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import getsource
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator

from loyalty import tokens
from loyalty.models import Card, Customer, Location, Operation
from loyalty.models.token import SCOPES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alice", "coffee_card")]

STRANGE = {
    "beyond 64 bits": "9" * 21,
    "just beyond 64 bits": str(2**63),
    "beyond what Python reads": "9" * 5_000,
    "negative": "-1",
    "letters": "abc",
    "superscript": "\N{SUPERSCRIPT TWO}",
    "nul": "\0",
}
# The last is no text in UTF-8, and cannot be quoted.
VALUES = {name: quote(text, safe="") for name, text in STRANGE.items()} | {"half": "%ED%A0%80"}
WORD = re.compile(r"[<{](?:(\w+):)?(\w+)[>}]")
ASKED = re.compile(r"""(?:GET|query_params)(?:\.get|\.getlist)?[(\[]\s*"(\w+)\"""")

strange = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)


@cache
def routes() -> dict[str, Any]:
    """Every address of the house as its patterns have it, with its view."""
    return dict(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[Any], before: str) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        route = getattr(each.pattern, "_route", None)
        if route is None:
            continue  # what catches the rest
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, before + route)
        else:
            yield before + route, each.callback


def asked(view: Any) -> set[str]:
    """What the module of a view reads from addresses, from its source."""
    module = sys.modules.get(getattr(getattr(view, "cls", view), "__module__", ""))
    return set(ASKED.findall(getsource(module))) if module else set()


@pytest.fixture
def fails(admin_client: Client, location: Location, now: Any) -> Any:
    """Those of the addresses at which whoever may see everything meets an error of ours."""
    plain = tokens.make_token("everything", SCOPES, location, now=now)[1]
    admin_client.raise_request_exception = False

    def ask(address: str) -> int:
        headers = {"Authorization": f"Bearer {plain}"} if address.startswith("/api/") else {}
        with transaction.atomic():
            status: int = admin_client.get(address, headers=headers).status_code
            transaction.set_rollback(True)
        return status

    def find(addresses: Iterable[str]) -> list[str]:
        return [address[:150] for address in addresses if ask(address) >= 500]

    return find


@strange
def test_a_strange_part_of_an_address_is_no_error_of_ours(fails, value):
    with_parts = [route for route in routes() if "<" in route]
    assert len(with_parts) > 100

    assert fails(WORD.sub(lambda _found: value, route) for route in with_parts) == []


@strange
def test_a_strange_filter_of_a_list_is_no_error_of_ours(fails, value):
    def addresses() -> Iterator[str]:
        for model, page in admin.site._registry.items():
            offered = [getattr(item, "parameter_name", item) for item in page.list_filter]
            columns = [name for name in offered if isinstance(name, str)]
            ways = [f"{name}{way}" for name in columns for way in ("", "__exact", "__id__exact")]
            here = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield from (f"{here}?{name}={value}" for name in [*ways, "q", "p"])

    assert fails(addresses()) == []


@strange
def test_a_strange_wish_to_a_page_is_no_error_of_ours(fails, value):
    def addresses() -> Iterator[str]:
        pk = {"card_id": Card, "customer_id": Customer, "operation_id": Operation}
        for route, view in routes().items():
            there = WORD.sub(lambda word: _first(pk.get(word[2], Card)), route)
            yield from (f"{there}?{name}={value}" for name in sorted(asked(view)))
        for model in admin.site._registry:
            columns = [field.name for field in model._meta.get_fields() if field.concrete]
            add = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
            if add in routes():
                yield f"{add}?" + "&".join(f"{name}={value}" for name in columns)
        for path, verbs in SchemaGenerator().get_schema(public=True)["paths"].items():
            asks = [each["name"] for each in verbs.get("get", {}).get("parameters", [])]
            yield from (f"{WORD.sub('1', path)}?{name}={value}" for name in asks)

    wanted = list(addresses())
    assert len(wanted) > 100

    assert fails(wanted) == []


@strange
def test_a_customers_page_asked_for_strange_things_is_no_error_of_ours(fails, alice, value):
    address = reverse("admin:loyalty_customer_change", args=[alice.pk])

    assert fails([f"{address}?moments={value}", f"{address}merge/?q={value}"]) == []


def _first(model: Any) -> str:
    return str(model.objects.values_list("pk", flat=True).first() or 1)
