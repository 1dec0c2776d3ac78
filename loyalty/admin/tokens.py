from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from loyalty import clock, pairings, tokens
from loyalty.admin.pages import Verbs
from loyalty.admin.pairing import PairForm, address, picture
from loyalty.models import ApiToken, Location, Pairing
from loyalty.models.token import LONGEST_REST, SCOPES, USUAL_REST

SCOPE_HELP = _(
    "scanner: the till. kiosk: a till that customers use alone. adjust: type bare numbers at it."
    " customers: customers and cards. events: events and orders. automations: the rest."
)


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=SCOPE_HELP,
    )
    kiosk_minutes = forms.IntegerField(
        label=_("A kiosk rests"),
        min_value=0,
        max_value=LONGEST_REST,
        required=False,
        initial=USUAL_REST,
        help_text=_("Minutes in which a card is not served by a kiosk again."),
    )

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "location", "kiosk_minutes"]

    def clean_kiosk_minutes(self) -> int:
        minutes = self.cleaned_data["kiosk_minutes"]
        return USUAL_REST if minutes is None else int(minutes)


@admin.register(ApiToken)
class TokenAdmin(Verbs):
    """A token is shown once, on the page that answers its making; later it can be revoked."""

    form = TokenForm
    change_list_template = "loyalty/tokens.html"
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
        token, plain = tokens.make_token(
            obj.name, obj.scopes, obj.location, kiosk_minutes=obj.kiosk_minutes, now=clock.now()
        )
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

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("pair/", wrap(self.pair), name="loyalty_pair"),
            path("pair/<int:pk>/", wrap(self.pairing_state), name="loyalty_pairing"),
            *super().get_urls(),
        ]

    def pair(self, request: HttpRequest) -> HttpResponse:
        """A form; once it is filled in, the code to point the device at, shown this one time."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PairForm(request.POST or None)
        page = self.admin_site.each_context(request) | {
            "title": _("Pair a scanner"),
            "opts": self.opts,
            "form": form,
            "has_places": Location.objects.exists(),
        }
        if request.method == "POST" and form.is_valid():
            pairing, code = form.offer(clock.now())
            link = address(code)
            page |= {
                "pairing": pairing,
                "is_open": True,
                "code": pairings.shown(code),
                "link": link,
                "picture": picture(link),
                "minutes": int(pairings.LIFE.total_seconds() // 60),
            }
        return TemplateResponse(request, "loyalty/pair.html", page)

    def pairing_state(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whether the device has come: a part of the page above, asked for every two seconds."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        pairing = Pairing.objects.select_related("location").filter(pk=pk).first()
        if pairing is None:
            raise Http404
        told = {"pairing": pairing, "is_open": pairing.is_open(clock.now())}
        return render(request, "loyalty/pairing_state.html", told)

    @admin.action(description=_("Revoke the selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            tokens.revoke(token, now=clock.now())
