"""What a shop keeps of its customers besides, as fields of a form."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from loyalty.models import Attribute
from loyalty.models.attribute import AttributeType

PREFIX = "attribute_"


def fields(attributes: Iterable[Attribute], known: dict[str, Any]) -> dict[str, forms.Field]:
    """A field for each, with what is known; none of them must be filled in."""
    return {f"{PREFIX}{each.slug}": _field(each, known.get(each.slug)) for each in attributes}


def said(form: forms.Form) -> dict[str, Any]:
    """What was filled in, by slug, in JSON's types; "" where it was emptied."""
    given = {}
    for name, value in form.cleaned_data.items():
        if name.startswith(PREFIX):
            is_day = hasattr(value, "isoformat")
            given[name.removeprefix(PREFIX)] = value.isoformat() if is_day else value
    return given


def _field(attribute: Attribute, value: Any) -> forms.Field:
    options: dict[str, Any] = {"label": attribute.label, "required": False, "initial": value}
    match attribute.type:
        case AttributeType.NUMBER:
            return forms.IntegerField(min_value=-(10**9), max_value=10**9, **options)
        case AttributeType.DATE:
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **options)
        case AttributeType.CHOICE:
            choices = [("", _("Nothing")), *((each, each) for each in attribute.choices)]
            return forms.ChoiceField(choices=choices, **options)
        case AttributeType.BOOLEAN:
            return forms.BooleanField(**options)
    return forms.CharField(max_length=500, **options)
