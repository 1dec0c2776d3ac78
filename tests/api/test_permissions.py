"""Every address, method and scope: made from the URL map, so a new one without a row fails."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from automations import portable
from loyalty import coupons, orders
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models.token import SCOPES
from loyalty.orders import OrderData
from tests.api.caller import said
from tests.loyalty.codes import campaign

# Who may: the scopes of which one is enough.
ROWS: dict[tuple[str, str], set[str]] = {
    ("POST", "scan/"): {"scanner"},
    ("POST", "kiosk/"): {"kiosk"},
    ("GET", "device/"): {"scanner", "kiosk"},
    ("DELETE", "device/"): {"scanner", "kiosk"},
    ("GET", "cards/"): {"scanner", "customers"},
    ("POST", "cards/"): {"customers"},
    ("GET", "cards/<str:serial>/"): {"scanner", "customers"},
    ("PATCH", "cards/<str:serial>/"): {"customers"},
    ("DELETE", "cards/<str:serial>/"): {"customers"},
    ("POST", "cards/<str:serial>/accrue/"): {"scanner"},
    ("POST", "cards/<str:serial>/redeem/"): {"scanner"},
    ("POST", "cards/<str:serial>/renew/"): {"customers"},
    ("POST", "cards/<str:serial>/hold/"): {"scanner"},
    ("POST", "cards/<str:serial>/transfer/"): {"adjust"},
    ("POST", "claims/<int:claim_id>/capture/"): {"scanner"},
    ("POST", "claims/<int:claim_id>/void/"): {"scanner"},
    ("GET", "cards/<str:serial>/pass/"): {"customers"},
    ("GET", "cards/<str:serial>/operations/"): {"scanner", "customers"},
    ("POST", "operations/<int:operation_id>/reverse/"): {"scanner"},
    ("GET", "customers/"): {"customers"},
    ("POST", "customers/"): {"customers"},
    ("POST", "customers/<int:customer_id>/merge/"): {"customers"},
    ("GET", "customers/<int:customer_id>/"): {"customers"},
    ("PATCH", "customers/<int:customer_id>/"): {"customers"},
    ("DELETE", "customers/<int:customer_id>/"): {"customers"},
    ("GET", "coupons/"): {"customers"},
    ("POST", "coupons/"): {"customers"},
    ("GET", "tiers/"): {"customers", "automations"},
    ("POST", "coupons/check/"): {"scanner"},
    ("POST", "coupons/redeem/"): {"scanner"},
    ("GET", "coupons/<str:code>/"): {"customers"},
    ("GET", "reviews/"): {"customers"},
    ("POST", "reviews/"): {"customers"},
    ("GET", "orders/"): {"events"},
    ("POST", "orders/"): {"events"},
    ("GET", "orders/<path:key>/"): {"events"},
    ("POST", "events/"): {"events"},
    ("POST", "presents/"): {"customers"},
    ("GET", "presents/<int:present_id>/"): {"customers"},
    ("DELETE", "presents/<int:present_id>/"): {"customers"},
    ("POST", "imports/"): {"customers"},
    ("GET", "imports/<int:import_id>/"): {"customers"},
    ("GET", "imports/<int:import_id>/report/"): {"customers"},
    ("POST", "exports/"): {"customers"},
    ("GET", "exports/<int:export_id>/"): {"customers"},
    ("DELETE", "exports/<int:export_id>/"): {"customers"},
    ("GET", "exports/<int:export_id>/file/"): {"customers"},
    ("GET", "automations/"): {"automations"},
    ("POST", "automations/"): {"automations"},
    ("GET", "automations/types/"): {"automations"},
    ("GET", "automations/<slug:slug>/"): {"automations"},
    ("DELETE", "automations/<slug:slug>/"): {"automations"},
    ("POST", "automations/<slug:slug>/publish/"): {"automations"},
    ("POST", "automations/<slug:slug>/pause/"): {"automations"},
    ("GET", "automations/<slug:slug>/journeys/"): {"automations"},
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def _routes() -> dict[str, type]:
    """Every address below /api/v1/ and the view behind it."""
    found: dict[str, type] = {}

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> None:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif route.startswith("api/v1/"):
                found[route.removeprefix("api/v1/")] = pattern.callback.cls  # type: ignore[attr-defined]

    walk(get_resolver().url_patterns, "")
    return found


def _built() -> set[tuple[str, str]]:
    return {
        (method, route)
        for route, view in _routes().items()
        for method in METHODS
        if hasattr(view, method.lower()) and method != "OPTIONS"
    }


@pytest.fixture
def paths(coffee_card: Any, now: datetime) -> dict[str, str]:
    """A real thing behind every placeholder."""
    order, _made = orders.record(
        OrderData(key="o-1", customer=Who(id=coffee_card.customer_id), total_cents=100),
        cause=Cause("test"),
        now=now,
    )
    document = {"format": 1, "slug": "hello", "name": "Hello", "triggers": [], "steps": []}
    return {
        "<str:serial>": coffee_card.serial,
        "<int:claim_id>": "1",
        "<int:import_id>": "1",
        "<int:export_id>": "1",
        "<int:present_id>": "1",
        "<int:operation_id>": str(coffee_card.operations.get().pk),
        "<int:customer_id>": str(coffee_card.customer_id),
        "<path:key>": order.key,
        "<str:code>": coupons.share(campaign(supply="shared"), "HELLO", now=now).code,
        "<slug:slug>": portable.read(document, now=now).slug,
    }


def _path(route: str, paths: dict[str, str]) -> str:
    for placeholder, value in paths.items():
        route = route.replace(placeholder, value)
    return route


def test_every_address_has_a_row():
    assert _built() == set(ROWS)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_it_says_and_nothing_else(caller, paths, scope):
    one = caller(scope)
    # Deleting comes last, the token itself at the very end: what is gone is not forbidden any more.
    rows = sorted(ROWS.items(), key=lambda row: (row[0][0] == "DELETE", row[0][1] == "device/"))

    for (method, route), scopes in rows:
        answer = one.send(method, _path(route, paths), {}, key=uuid.uuid4().hex)
        if scope in scopes:
            assert answer.status_code not in (401, 403), (method, route)
        else:
            assert said(answer) == (403, "forbidden"), (method, route)


def test_without_a_token_nothing_opens(stranger, paths):
    for method, route in ROWS:
        answer = stranger.send(method, _path(route, paths), {})

        assert said(answer) == (401, "unauthenticated"), (method, route)


def test_a_method_that_is_not_built_is_refused_in_the_same_shape(office, paths):
    for route in _routes():
        for method in METHODS:
            if (method, route) not in ROWS:
                answer = office.send(method, _path(route, paths), {})
                assert said(answer) == (405, "method_not_allowed"), (method, route)
