"""The generic inbound webhook: anybody's script tells us an event, signed with our own scheme.

The body is one item of `POST /api/v1/events/` with an `id` of its own. Its sender is a person who
reads our answer, so all that can be refused is refused at the door.
"""

from collections.abc import Iterable
from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.arrivals import Arrival, Envelope
from integrations.connectors.base import Connector
from integrations.errors import IdRequired
from integrations.facts import Fact
from integrations.secret_fields import SigningSecret
from integrations.signatures import REGULARS, STANDARD, STANDARD_AS_TEXT
from loyalty.api.events import EventBody
from loyalty.api.fields import Text
from loyalty.api.parsing import decoded
from loyalty.errors import Invalid
from loyalty.external import External


class Item(EventBody):
    """An item of `events/`, whose key may be left to the webhook's id."""

    id = Text(max_length=128, validators=[RegexValidator(r"^[ -~]+$", _("Printable ASCII only."))])
    key = Text(max_length=128, required=False)


class Inbound(Connector):
    slug = "inbound"
    label = _("Inbound webhook")
    help = _(
        "For scripts and tools that post JSON: one event with its id, name, customer and data. "
        "Each request carries the header X-Regulars-Signature: t=…,v1=… (the time in Unix seconds; "
        "the hexadecimal HMAC-SHA256 of that time, a point and the body), or the headers of "
        "Standard Webhooks."
    )
    settings = SigningSecret
    makes_secret = True
    signatures = (REGULARS, STANDARD, STANDARD_AS_TEXT)

    def envelope(self, arrival: Arrival) -> Envelope:
        item = _item(arrival.body)
        event = _event(item)
        return Envelope(key=item["id"], topic=event.name)

    def facts(self, topic: str, body: bytes) -> Iterable[Fact]:
        return [_event(_item(body))]

    def says_the_same(self, kept: bytes, body: bytes) -> bool:
        return bool(decoded(kept) == decoded(body))


def _item(body: bytes) -> dict[str, Any]:
    values = decoded(body)
    if not isinstance(values, dict):
        raise Invalid(message=gettext("The body must be a JSON object."))
    if values.get("id") in (None, ""):
        raise IdRequired
    item = Item(data=values)
    item.is_valid(raise_exception=True)
    found: dict[str, Any] = item.validated_data
    return found


def _event(item: dict[str, Any]) -> External:
    """The event as loyalty takes it; raises Invalid, ReservedName."""
    return External(
        name=item["name"],
        key=item.get("key", item["id"]),
        customer=item["customer"],
        occurred_at=item.get("occurred_at"),
        data=item.get("data", {}),
    ).clean()
