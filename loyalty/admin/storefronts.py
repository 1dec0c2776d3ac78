"""How customers see each program: pictures, words, and what its join page asks."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from loyalty import addresses, qr_codes
from loyalty.admin.pages import OfProgram
from loyalty.admin.picturing import PictureForm, picture_field, shown
from loyalty.models import Storefront

FIELDS = (
    *("program", "is_open", "welcome", *Storefront.FIELDS),
    *("email_consent", "sms_consent", "push_consent", "links", "terms"),
)


class StorefrontForm(PictureForm):
    pictures = ("logo", "strip")

    new_logo = picture_field(_("New logo"))
    no_logo = forms.BooleanField(label=_("Take the logo away"), required=False)
    new_strip = picture_field(_("New wide picture"))
    no_strip = forms.BooleanField(label=_("Take the wide picture away"), required=False)

    class Meta:
        model = Storefront
        fields = FIELDS


@admin.register(Storefront)
class StorefrontAdmin(OfProgram):
    when_empty = _(
        "Each program has a join page already: its address is in the list of programs. "
        "Add a page here to change what it asks, its words and its pictures."
    )
    form = StorefrontForm
    list_display = ["program", "is_open", "address"]
    list_select_related = ["program"]
    fieldsets = [
        (None, {"fields": ["program", "join_page"]}),
        (
            _("Joining"),
            {"fields": ["is_open", "welcome", *Storefront.FIELDS]},
        ),
        (_("Consent"), {"fields": ["email_consent", "sms_consent", "push_consent"]}),
        (
            _("Pictures"),
            {
                "fields": [
                    *("logo_now", "new_logo", "no_logo"),
                    *("strip_now", "new_strip", "no_strip"),
                ]
            },
        ),
        (_("Words"), {"fields": ["links", "terms"]}),
    ]
    readonly_fields = ["join_page", "logo_now", "strip_now"]

    def save_model(
        self, request: HttpRequest, obj: Storefront, form: StorefrontForm, change: bool
    ) -> None:
        form.put_pictures(obj)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("join page"))
    def address(self, front: Storefront) -> str:
        link = addresses.whole("join", front.program.slug)
        return format_html('<a href="{0}">{0}</a>', link)

    @admin.display(description=_("join page"))
    def join_page(self, front: Storefront) -> str:
        """With its QR, to be printed and put on a table."""
        if front.program_id is None:
            return str(_("Save it first; then its address and QR stand here."))
        link = addresses.whole("join", front.program.slug)
        drawn = qr_codes.drawn(link, scale=4, light="#fff")
        return format_html('<a href="{0}">{0}</a><br>{1}', link, drawn)

    @admin.display(description=_("logo"))
    def logo_now(self, front: Storefront) -> str:
        return shown(front.logo)

    @admin.display(description=_("wide picture"))
    def strip_now(self, front: Storefront) -> str:
        return shown(front.strip)
