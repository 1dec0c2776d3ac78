"""Connections: made once, their secrets kept, rotated and never shown."""

from uuid import UUID

import pytest
from django.db import connection as database
from django.forms import Form

from integrations import connections, connectors
from integrations.connectors.base import Connector
from integrations.models import Connection
from loyalty.errors import Invalid, NotFound
from loyalty.secrets import hint

KNOWN = UUID("6f2d5a43-5a0c-4f0e-9d6a-1f6c2b8e7a10")

pytestmark = pytest.mark.django_db


def test_the_address_is_built_from_the_public_one(settings):
    settings.PUBLIC_BASE_URL = "https://regulars.example"

    made = connections.make("shopify", "Shop", {"secret": "s"}, uuid=KNOWN, path_secret="p4th")

    assert connections.address(made) == f"https://regulars.example/hooks/shopify/{KNOWN}/p4th/"


def test_a_connection_with_the_same_uuid_is_left_as_it_is():
    made = connections.make("shopify", "Shop", {"secret": "first"}, uuid=KNOWN)

    again = connections.make("shopify", "Renamed", {"secret": "second"}, uuid=KNOWN)

    assert again == made
    assert (again.name, again.credentials["secret"]) == ("Shop", "first")


@pytest.mark.parametrize(
    ("connector", "credentials"),
    [("amazon", {"secret": "s"}), ("shopify", {}), ("shopify", {"secret": ""})],
)
def test_an_unknown_system_or_a_missing_secret_is_refused(connector, credentials):
    with pytest.raises(Invalid):
        connections.make(connector, "Shop", credentials)

    assert not Connection.objects.exists()


def test_path_secrets_are_made_and_differ():
    made = [connections.make("shopify", name, {"secret": "s"}) for name in ("a", "b")]

    first, second = (connection.credentials["path_secret"] for connection in made)
    assert first != second
    assert min(len(first), len(second)) >= 32


def test_a_connection_is_found_by_every_part_of_its_address(shopify):
    uuid, path_secret = str(shopify.uuid), shopify.credentials["path_secret"]

    assert connections.find("shopify", uuid, path_secret) == shopify
    for parts in (("inbound", uuid, path_secret), ("shopify", uuid, ""), ("shopify", "", "")):
        with pytest.raises(NotFound):
            connections.find(*parts)


def test_a_new_secret_keeps_the_one_before_it_until_that_is_forgotten(shopify):
    old = shopify.credentials["secret"]

    connections.change(shopify, {"secret": "new"})
    assert connections.signing_secrets(shopify) == ["new", old]

    connections.change(shopify, {"secret": ""}, forget_previous=True)
    assert connections.signing_secrets(shopify) == ["new"]


def test_the_same_secret_again_is_no_rotation(shopify):
    old = shopify.credentials["secret"]

    connections.change(shopify, {"secret": old})

    assert connections.signing_secrets(shopify) == [old]


def test_secrets_are_in_no_words_and_in_no_history(shopify):
    secrets = [shopify.credentials["secret"], shopify.credentials["path_secret"]]

    shopify.name = "Renamed"
    shopify.save()

    told = f"{shopify!r} {shopify} {list(shopify.history.values())}"
    with database.cursor() as cursor:
        for table in ("integrations_connection", "integrations_historicalconnection"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 (names of our own)
            told += str(cursor.fetchall())
    assert [secret for secret in secrets if secret in told] == []


def test_a_hint_tells_nothing_of_a_short_secret():
    assert hint("whsec_0123456789abcdef") == "…cdef"
    assert hint("hunter2") == "…"


def test_every_connector_says_what_it_needs():
    systems = connectors.all_of_them()

    assert [system.slug for system in systems] == ["inbound", "shopify"]
    for system in systems:
        assert system.label
        assert system.help
        assert issubclass(system.settings, Form)
        assert "secret" in system.settings.base_fields


def test_two_connectors_cannot_have_one_name():
    with pytest.raises(Exception, match="Two connectors are called 'shopify'"):
        type("Twin", (Connector,), {"slug": "shopify"})
