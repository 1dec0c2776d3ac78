"""The business and its locations: plain settings."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from loyalty import clock
from loyalty.admin.pages import OnlyOne, Page
from loyalty.admin.picturing import PictureForm, picture_field, shown
from loyalty.models import Business, Location
from loyalty.wallet import passes


class OnEveryPass(Page):
    """A page of what stands on every pass in a wallet."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        passes.note_new_name(now=clock.now())


class BusinessForm(PictureForm):
    pictures = ("logo",)

    new_logo = picture_field(_("New logo"))
    no_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    class Meta:
        model = Business
        fields = ("name", "time_zone", "currency", "address", "color")


@admin.register(Business)
class BusinessAdmin(OnEveryPass, OnlyOne):
    """Whose name, currency, clock and address everything else takes."""

    form = BusinessForm
    fieldsets = [
        (None, {"fields": ["name", "time_zone", "currency", "address"]}),
        (_("On customers' pages"), {"fields": ["color", "logo_now", "new_logo", "no_logo"]}),
    ]
    readonly_fields = ["logo_now"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.put_pictures(obj)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("logo"))
    def logo_now(self, business: Business) -> str:
        return shown(business.logo)


@admin.register(Location)
class LocationAdmin(OnEveryPass):
    list_display = ["name", "address", "time_zone"]
    search_fields = ["name", "address"]
    prepopulated_fields = {"slug": ["name"]}
