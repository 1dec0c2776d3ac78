"""The business and its locations: plain settings."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from loyalty import clock
from loyalty.admin.pages import OnlyOne, Page
from loyalty.models import Business, Location
from loyalty.wallet import passes


class OnEveryPass(Page):
    """A page of what stands on every pass in a wallet."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        passes.note_new_name(now=clock.now())


@admin.register(Business)
class BusinessAdmin(OnEveryPass, OnlyOne):
    """Whose name, currency, clock and address everything else takes."""


@admin.register(Location)
class LocationAdmin(OnEveryPass):
    list_display = ["name", "address", "time_zone"]
    search_fields = ["name", "address"]
    prepopulated_fields = {"slug": ["name"]}
