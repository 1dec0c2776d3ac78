"""Café Aurora without its customers: programs, senders, automations, connections, staff, keys.

Whatever is there already is left as it is, however it was changed.
"""

import json
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User

from automations import portable, publishing
from automations.models import Automation
from config.demo import credentials
from config.demo.favours import open_favours
from config.demo.programs import open_programs
from integrations import connections
from loyalty import tokens
from loyalty.models import Business, Location
from loyalty.models.token import SCOPES
from messaging.models import Sender

NAME = "Café Aurora"
ZONE = "America/New_York"
LOCATIONS = {
    "harbour": ("Harbour", "12 Pier Street, New York, NY 10004"),
    "old-town": ("Old Town", "48 Mulberry Lane, New York, NY 10013"),
}
CONNECTIONS = {"shopify": "Café Aurora's web shop", "inbound": "Our own scripts"}
DOCUMENTS = Path(__file__).parent / "automations"
WORKING = "ten-stamps"
TOKENS = {"scanner": ["scanner"], "api": list(SCOPES)}


def open_shop(now: datetime) -> None:
    Business.objects.get_or_create(
        pk=1,
        defaults={
            "name": NAME,
            "time_zone": ZONE,
            "currency": "USD",
            "address": LOCATIONS["harbour"][1],
        },
    )
    for slug, (name, address) in LOCATIONS.items():
        Location.objects.get_or_create(slug=slug, defaults={"name": name, "address": address})
    open_programs()
    open_favours(now)
    _sender()
    for document in sorted(DOCUMENTS.glob("*.json")):
        _automation(json.loads(document.read_text()), now)
    for connector, name in CONNECTIONS.items():
        connections.make(
            connector,
            name,
            {"secret": credentials.signing_secret(connector)},
            uuid=credentials.connection_id(connector),
            path_secret=credentials.path_secret(connector),
        )


def give_keys(now: datetime) -> None:
    """The staff login and the tokens, also where the shop was opened under another SECRET_KEY."""
    if not User.objects.filter(username=credentials.USERNAME).exists():
        User.objects.create_superuser(
            credentials.USERNAME, "aurora@example.com", credentials.password()
        )
    for name, scopes in TOKENS.items():
        tokens.make_token(
            f"Demo: {name}",
            scopes,
            Location.objects.filter(slug="harbour").first() if name == "scanner" else None,
            plain=credentials.token(name),
            now=now,
        )


def _sender() -> None:
    if not Sender.objects.exists():
        Sender.objects.create(
            name=NAME,
            provider="outbox",
            from_name=NAME,
            from_address="hello@aurora.example",
            is_default=True,
        )


def _automation(document: dict[str, object], now: datetime) -> None:
    if Automation.objects.filter(slug=document["slug"]).exists():
        return
    automation = portable.read(document, now=now)
    if automation.slug == WORKING:
        publishing.publish(automation, now=now)
