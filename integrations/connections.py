"""Accounts at other systems: make one, find the one an address means, change its secrets.

`credentials` holds the connector's settings (`secret` signs), `previous_secret` while a rotation is
on its way, and `path_secret`, the last part of the address.
"""

import base64
import secrets
from collections.abc import Mapping
from uuid import UUID, uuid4

from django.utils.crypto import constant_time_compare

from integrations import connectors
from integrations.models import Connection
from loyalty import addresses
from loyalty.errors import Invalid, NotFound


def make(
    connector: str,
    name: str,
    credentials: Mapping[str, str],
    *,
    uuid: UUID | None = None,
    path_secret: str | None = None,
) -> Connection:
    """A connection to that system; the one that has this `uuid` is given back as it is.

    Raises Invalid for an unknown system and for settings that its form refuses.
    """
    if uuid and (known := Connection.objects.filter(uuid=uuid).first()):
        return known
    system = connectors.named(connector)
    if system is None:
        raise Invalid({"connector": [connector]})
    form = system.settings(dict(credentials))
    if not form.is_valid():
        raise Invalid({field: list(map(str, errors)) for field, errors in form.errors.items()})
    return Connection.objects.create(
        uuid=uuid or uuid4(),
        connector=connector,
        name=name,
        credentials=form.cleaned_data | {"path_secret": path_secret or new_path_secret()},
    )


def change(
    connection: Connection, values: Mapping[str, str], *, forget_previous: bool = False
) -> None:
    """Take over those of `values` that are not empty, on the row in memory.

    A new signing secret leaves the old one valid until it is forgotten, so that no webhook is lost
    while the other side is changed too.
    """
    kept = dict(connection.credentials)
    if forget_previous:
        kept.pop("previous_secret", None)
    new = {name: value for name, value in values.items() if value}
    if "secret" in new and kept.get("secret") not in ("", None, new["secret"]):
        kept["previous_secret"] = kept["secret"]
    kept.setdefault("path_secret", new_path_secret())
    connection.credentials = kept | new


def find(connector: str, uuid: str, path_secret: str) -> Connection:
    """The active connection of that address. Raises NotFound, for whatever part does not fit."""
    known_as = _uuid(uuid)
    active = Connection.objects.filter(connector=connector, is_active=True)
    connection = active.filter(uuid=known_as).first() if known_as else None
    expected = connection.credentials.get("path_secret", "") if connection else ""
    # Compared even where there is nothing to compare with: all strangers wait alike.
    fits = constant_time_compare(path_secret, expected or new_path_secret())
    if connection is None or not fits:
        raise NotFound
    return connection


def signing_secrets(connection: Connection) -> list[str]:
    """The one in use, and during a rotation the one before it."""
    return [
        secret
        for name in ("secret", "previous_secret")
        if (secret := connection.credentials.get(name))
    ]


def address(connection: Connection) -> str:
    """The full address of its hook, the path secret included."""
    path_secret = connection.credentials.get("path_secret", "")
    return addresses.whole("hook", connection.connector, connection.uuid, path_secret)


def new_path_secret() -> str:
    return secrets.token_urlsafe(24)


def new_signing_secret() -> str:
    """A secret that libraries for Standard Webhooks understand as well."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
