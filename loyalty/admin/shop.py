"""The business and its locations: plain settings."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from loyalty import clock
from loyalty.admin.pages import Page
from loyalty.models import Business, Location
from loyalty.wallet import passes


class OnEveryPass(Page):
    """A page of what stands on every pass in a wallet."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        passes.note_new_name(now=clock.now())


@admin.register(Business)
class BusinessAdmin(OnEveryPass):
    """There is one; its list leads straight to it, and it is there before anybody saved it."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:loyalty_business_change", args=[1]))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Business:
        return Business.get()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Location)
class LocationAdmin(OnEveryPass):
    list_display = ["name", "address", "time_zone"]
    search_fields = ["name", "address"]
    prepopulated_fields = {"slug": ["name"]}
