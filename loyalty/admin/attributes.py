"""The attributes a shop defines, and their fields on a customer's page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from loyalty.admin.pages import Page
from loyalty.attributes import LONGEST_TEXT
from loyalty.models import Attribute
from loyalty.models.attribute import AttributeType

# A field of the customer's form is called so, before the attribute's slug.
STEM = "attribute_"


class ChoicesField(forms.CharField):
    """One choice on each line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in str(super().clean(value)).splitlines()]
        return list(dict.fromkeys(line for line in lines if line))


class AttributeForm(forms.ModelForm):
    choices = ChoicesField(
        label=_("choices"),
        required=False,
        help_text=_("One on each line; only for a choice from a list."),
    )

    class Meta:
        model = Attribute
        fields = [
            *("label", "slug", "type", "choices"),
            *("is_on_join_page", "is_customers_own", "position"),
        ]


@admin.register(Attribute)
class AttributeAdmin(Page):
    when_empty = _(
        "Attributes are what else you want to know of customers, such as a favourite "
        "drink. Their join page can ask for them; segments and automations can go by "
        "them."
    )
    form = AttributeForm
    list_display = ["label", "slug", "type", "is_on_join_page", "is_customers_own"]
    list_filter = ["type"]
    search_fields = ["label", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> list[str]:
        """Customers have values under its slug and of its type."""
        return ["slug", "type"] if obj else []


def field_of(attribute: Attribute) -> forms.Field:
    """The field of one attribute; empty is nothing."""
    common: dict[str, Any] = {"label": attribute.label, "required": False}
    match attribute.type:
        case AttributeType.NUMBER:
            return forms.FloatField(**common, widget=forms.NumberInput(attrs={"step": "any"}))
        case AttributeType.DATE:
            return forms.DateField(**common, widget=AdminDateWidget)
        case AttributeType.CHOICE:
            choices = [("", "–"), *((each, each) for each in attribute.choices)]
            return forms.ChoiceField(**common, choices=choices)
        case AttributeType.BOOLEAN:
            choices = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]
            return forms.ChoiceField(**common, choices=choices)
    return forms.CharField(**common, max_length=LONGEST_TEXT, widget=AdminTextInputWidget)


def shown(value: Any) -> Any:
    """A kept value as its field shows it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def said(attribute: Attribute, value: Any) -> Any:
    """What was said in its field, as it is kept; None for nothing."""
    if value in (None, ""):
        return None
    match attribute.type:
        case AttributeType.BOOLEAN:
            return value == "yes"
        case AttributeType.NUMBER:
            return int(value) if float(value).is_integer() else value
        case AttributeType.DATE:
            return value.isoformat()
    return value
