from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from loyalty import clock, tokens
from loyalty.admin.pages import Verbs
from loyalty.models import ApiToken
from loyalty.models.token import SCOPES

SCOPE_HELP = _(
    "scanner: the till. adjust: type bare numbers at it. customers: customers and cards."
    " events: events and orders. automations: the rest."
)


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=SCOPE_HELP,
    )

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "location"]


@admin.register(ApiToken)
class TokenAdmin(Verbs):
    """A token is shown once, on the page that answers its making; later it can be revoked."""

    form = TokenForm
    list_display = ["name", "prefix", "may", "location", "last_used_at", "revoked_at"]
    list_filter = ["location"]
    actions = ["revoke"]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:
        return ["prefix", "created_at", "last_used_at", "revoked_at"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("Scopes"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        token, plain = tokens.make_token(obj.name, obj.scopes, obj.location, now=clock.now())
        obj.pk, obj.plain = token.pk, plain  # for `response_add`, and nowhere else

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        page = {"title": _("The new token"), "opts": self.opts, "token": obj, "plain": obj.plain}
        return TemplateResponse(
            request,
            "loyalty/new_token.html",
            self.admin_site.each_context(request) | page,
        )

    @admin.action(description=_("Revoke the selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            tokens.revoke(token, now=clock.now())
