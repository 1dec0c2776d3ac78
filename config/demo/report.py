"""What the demo prints: everything a stranger, or an outside test, needs to begin."""

import json
import shlex
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.color import Style
from django.urls import reverse
from django.utils.translation import gettext as _

from config.demo import credentials
from config.demo.history import issued
from config.demo.people import Person, people
from config.demo.programs import SLUGS
from config.demo.shop import CONNECTIONS, NAME, WORKING
from integrations import connections
from integrations.models import Connection
from loyalty.models import Operation, Program
from loyalty.models.card import CardStatus

Entry = dict[str, Any]


def as_json() -> Entry:
    """The same on every run, as long as nobody renames, deletes or rotates what it tells of."""
    return {
        "admin": {"username": credentials.USERNAME, "password": credentials.password()},
        "scanner_token": credentials.token("scanner"),
        "api_token": credentials.token("api"),
        "base_url": settings.PUBLIC_BASE_URL,
        "programs": dict(
            Program.objects.filter(slug__in=SLUGS).order_by("pk").values_list("slug", "pk")
        ),
        "customers": [entry for person in people() if (entry := _customer(person))],
        "hooks": {
            connection.connector: {
                "url": connections.address(connection),
                "secret": connection.credentials["secret"],
            }
            for connection in Connection.objects.filter(
                uuid__in=[credentials.connection_id(name) for name in CONNECTIONS]
            ).order_by("-connector")
        },
    }


def _customer(person: Person) -> Entry | None:
    """As they are now, with the cards the demo gave them; nothing of somebody who was erased."""
    given: list[Operation] = list(issued(person).select_related("card__customer", "card__program"))
    customer = given[0].card.customer if given else None
    if customer is None or customer.erased_at is not None:
        return None
    return {
        "id": customer.pk,
        "name": customer.name,
        "email": customer.email,
        "cards": [
            {"program": operation.card.program.slug, "serial": operation.card.serial}
            for operation in given
            if operation.card.status == CardStatus.ACTIVE
        ],
    }


# --- For people -----------------------------------------------------------------------------------


def as_text(style: Style) -> str:
    told = as_json()
    url, api = told["base_url"], f"{told['base_url']}/api/v1"
    head, quiet = style.MIGRATE_HEADING, style.HTTP_INFO
    rows = [
        (_("Open"), style.SUCCESS(f"{url}/admin/")),
        (_("Sign in as"), _login(told["admin"])),
        (_("Join as a customer"), f"{url}/join/coffee/"),
        (_("Customers sign in"), f"{url}/c/"),
        (_("Emails"), f"{url}/outbox/"),
        (_("Pair a phone"), f"{url}{reverse('admin:loyalty_pair')}"),
        (_("API"), f"{url}/api/docs/"),
        (_("Scanner token"), told["scanner_token"]),
        (_("API token"), told["api_token"]),
    ]
    width = max(len(label) for label, _value in rows)
    lines = ["", head(_("%s is open.") % NAME), ""]
    lines += [f"  {label:<{width}}  {value}" for label, value in rows]
    for does, command in _examples(told, api):
        lines += ["", quiet(f"  # {does}"), f"  {command}"]
    return "\n".join([*lines, ""])


def _login(admin: Entry) -> str:
    user = User.objects.filter(username=admin["username"], is_active=True).first()
    if user is None:
        return _("nobody: %(username)s was taken away") % admin
    if not user.check_password(admin["password"]):
        return _("%(username)s, with the password you gave it") % admin
    return f"{admin['username']} / {admin['password']}"


def _examples(told: Entry, api: str) -> list[tuple[str, str]]:
    """Three lines to paste: scan a card, fill it, see what that started."""
    cards = [
        (customer["name"], card["serial"])
        for customer in told["customers"]
        for card in customer["cards"]
        if card["program"] == "coffee"
    ]
    if not cards:
        return []
    name, serial = cards[0]
    scanner, staff = told["scanner_token"], told["api_token"]
    ten = _post(f"{api}/cards/{serial}/accrue/", scanner, {"amount": 10}, key="ten-coffees")
    return [
        (_("scan %s's coffee card") % name, _post(f"{api}/scan/", scanner, {"code": serial})),
        (_("ten stamps: an email and 50 points follow"), ten),
        (
            _("what happened, step by step"),
            f"curl -H 'Authorization: Bearer {staff}' {api}/automations/{WORKING}/journeys/",
        ),
    ]


def _post(url: str, token: str, body: Entry, *, key: str = "") -> str:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers |= {"Idempotency-Key": key} if key else {}
    said = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    return f"curl {said} -d {shlex.quote(json.dumps(body))} {url}"
