import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.triggers.base import TriggerType
from loyalty.cleaning import Unfit, is_storable
from loyalty.events import RESERVED
from loyalty.external import LONGEST_NAME
from loyalty.field_types import FieldType

MOST_NAMES = 20


def event_names(value: Any) -> list[str]:
    """Names of events that somebody else sends; raises Unfit."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_NAMES:
        raise Unfit(_("Give one to %(most)d names.") % {"most": MOST_NAMES})
    return list(dict.fromkeys(_event_name(name) for name in value))


def _event_name(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_NAME or not is_storable(value):
        raise Unfit(_("A name has 1 to %(most)d characters.") % {"most": LONGEST_NAME})
    if value in RESERVED:
        raise Unfit(_("“%(name)s” is an event of the product's own.") % {"name": value})
    return value


class NamesField(forms.CharField):
    """Several names with commas or on lines of their own; the value is a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        names = re.split(r"[,\n]", value or "") if not isinstance(value, list) else value
        return [name.strip() for name in names if name.strip()]

    def clean(self, value: Any) -> list[str]:
        try:
            return event_names(self.to_python(value))
        except Unfit as reason:
            raise forms.ValidationError(str(reason)) from None


class NamesForm(forms.Form):
    names = NamesField(
        label=gettext_lazy("names"), help_text=gettext_lazy("Several: with commas between them.")
    )


class ExternalEvent(TriggerType):
    """`{"names": [...]}`; a document may say `{"name": "..."}` where it is one."""

    type = "external_event"
    label = gettext_lazy("External event")
    group = "other"
    form = NamesForm
    takes: ClassVar[inputs.Inputs] = {
        "names": inputs.Input(
            event_names,
            {
                "type": "array",
                "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
                "minItems": 1,
                "maxItems": MOST_NAMES,
            },
            required=True,
        )
    }

    @classmethod
    def read(cls, params: Mapping[str, Any], path: str) -> dict[str, Any]:
        if "name" in params and "names" not in params:
            params = {"names": [params["name"]]} | {k: v for k, v in params.items() if k != "name"}
        return super().read(params, path)

    @classmethod
    def events(cls, params: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(params.get("names", ()))

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        names = ", ".join(params.get("names", ())) or "…"
        return _("When “%(names)s” comes in") % {"names": names}

    @classmethod
    def payload(cls) -> Mapping[str, FieldType] | None:
        return None
