"""Fields of request bodies that take what they say and nothing that merely resembles it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.settings import api_settings

from loyalty.cleaning import MOST_CENTS
from loyalty.external import MOST_DATA_BYTES

MOST = 10**9
LONGEST_COMMENT = 500
YEARS = range(1900, 2201)


class Fields(serializers.Serializer):
    """A body, or an object in one: unknown fields are refused, by name."""

    default_error_messages = {
        "unknown_field": _("There is no such field."),
        "invalid": _("Send an object."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise self._refusal("invalid", api_settings.NON_FIELD_ERRORS_KEY)
        unknown = [str(name) for name in data if name not in self.fields]
        if unknown:
            raise self._refusal("unknown_field", *unknown)
        return super().to_internal_value(data)

    def _refusal(self, code: str, *names: str) -> serializers.ValidationError:
        detail = serializers.ErrorDetail(str(self.error_messages[code]), code)
        return serializers.ValidationError({name: [detail] for name in names})


class Text(serializers.CharField):
    """A string; a number is none. Whitespace around it is dropped."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON integer: neither 1.0 nor "1" nor true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Amount(Whole):
    """How much of a unit, or of money in minor units: 1 … 10⁹."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST, **kwargs)


class Cents(Whole):
    """A sum of money in minor units, possibly nothing: 0 … 10¹²."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MOST_CENTS, **kwargs)


class Flag(serializers.BooleanField):
    """true or false; neither 1 nor "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """An instant in ISO 8601, kept in UTC; one without an offset is UTC already."""

    default_error_messages = {
        "text": _("Send an instant such as 2026-03-01T09:30:00Z."),
        "year": _("That is too far away."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("text")
        moment = super().to_internal_value(value)
        if moment.year not in YEARS:
            self.fail("year")
        return moment


class Day(serializers.DateField):
    """A date in ISO 8601."""

    default_error_messages = {"text": _("Send a date such as 1990-12-31.")}

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("text")
        return super().to_internal_value(value)


@extend_schema_field(OpenApiTypes.OBJECT)
class Json(serializers.Field):
    """An object whose content belongs to whoever sent it."""

    default_error_messages = {"invalid": _("Send an object.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Data(Json):
    """The same, of at most 16 kB."""

    default_error_messages = {"too_large": _("This is more than 16 kB.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if len(json.dumps(data, ensure_ascii=False).encode()) > MOST_DATA_BYTES:
            self.fail("too_large")
        return super().to_internal_value(data)
