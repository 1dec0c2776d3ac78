"""How a caller says which customer is meant."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from loyalty.api.fields import Fields, Text, Whole
from loyalty.customers import Who

NAMES = {
    "id": {"type": "integer", "minimum": 1},
    "external_id": {"type": "string"},
    "email": {"type": "string"},
    "phone": {"type": "string"},
}


class WhoFields(Fields):
    id = Whole(min_value=1, required=False)
    external_id = Text(required=False)
    email = Text(required=False)
    phone = Text(required=False)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1},
            {
                "type": "object",
                "properties": NAMES,
                "minProperties": 1,
                "additionalProperties": False,
            },
        ],
        "description": "An id, or an object with some of id, external_id, email and phone: the "
        "first that matches somebody, in this order, says who is meant.",
    }
)
class Person(serializers.Field):
    """A customer by id, or by one of the names they are known under."""

    default_error_messages = {"empty": _("Say who: id, external_id, email or phone.")}

    def to_internal_value(self, data: Any) -> Who:
        if not isinstance(data, dict):
            data = {"id": data}
        fields = WhoFields(data=data)
        fields.is_valid(raise_exception=True)
        if not fields.validated_data:
            self.fail("empty")
        return Who(**fields.validated_data)


def named(text: str) -> Who:
    """Who is meant by one word in an address: an email, a phone number with its +, an id, or else
    an external id."""
    if "@" in text:
        return Who(email=text)
    if text.startswith("+"):
        return Who(phone=text)
    if text.isascii() and text.isdigit() and len(text) < 19:
        return Who(id=int(text))
    return Who(external_id=text)
