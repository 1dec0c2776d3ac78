"""The form of a connection: its name, and what its connector wants to know."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations import connections
from integrations.connectors import Connector
from integrations.models import Connection
from integrations.secret_fields import SecretField
from loyalty.secrets import hint


class ConnectionForm(forms.ModelForm):
    """Base of the forms below. Secrets go in and never come out again."""

    connector: Connector

    class Meta:
        model = Connection
        fields = ["name", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.connector.settings.base_fields:
            field = self.fields[name]
            stored = self.instance.credentials.get(name, "")
            if not isinstance(field, SecretField):
                field.initial = stored
            elif stored:
                field.keep(stored)
            elif self.connector.makes_secret:
                field.suggest(connections.new_signing_secret())
        previous = self.instance.credentials.get("previous_secret")
        if previous:
            self.fields["forget_previous"].help_text = _(
                "It ends %s and is accepted until you say so here."
            ) % hint(previous)
        else:
            del self.fields["forget_previous"]

    def save(self, commit: bool = True) -> Connection:
        values = {name: self.cleaned_data[name] for name in self.connector.settings.base_fields}
        self.instance.connector = self.connector.slug
        connections.change(
            self.instance, values, forget_previous=self.cleaned_data.get("forget_previous", False)
        )
        connection: Connection = super().save(commit)
        return connection


def form_for(connector: Connector) -> type[ConnectionForm]:
    """The form of a connection to that system."""
    forget_previous = forms.BooleanField(label=_("Refuse the previous secret"), required=False)
    declared = {**connector.settings.base_fields, "forget_previous": forget_previous}
    return type("ConnectionForm", (ConnectionForm,), {"connector": connector, **declared})
