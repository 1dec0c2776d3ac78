"""Who brought whom, and what that is worth."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from loyalty.admin import amounts
from loyalty.admin.pages import OfProgram, Record
from loyalty.models import Business, Program, Referral, ReferralOffer


class OfferForm(forms.ModelForm):
    """A purchase is in the currency of the program; what both get, in what its cards are given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = {str(each.pk): each for each in Program.objects.all()}
        own = amounts.typed_in(self, "program") or str(self.instance.program_id or "")
        currencies = {key: each.currency for key, each in programs.items()}
        currency = currencies.get(own, Business.get().currency)
        follows = "program" if "program" in self.fields else ""
        amounts.tell(self, currency, "minimum_cents", follows=follows, words=currencies)
        given = programs.get(amounts.typed_in(self, "gives") or own)
        unit = amounts.typed_in(self, "unit") or (given.earns if given else "")
        amounts.tell(
            self,
            given.currency_of(unit) if given else "",
            *("referrer_amount", "referred_amount"),
            beside=given.word_of(unit) if given else "",
            follows="gives program",
            words={key: each.word_of(each.earns) for key, each in programs.items()},
        )


@admin.register(ReferralOffer)
class ReferralOfferAdmin(amounts.InMajorUnits, OfProgram):
    when_empty = _(
        "An offer says what customers of a program get for a friend they bring, and what "
        "the friend gets. Their card's page shows the link then."
    )
    form = OfferForm
    amount_columns = ("minimum_cents", "referrer_amount", "referred_amount")
    list_display = ["program", "is_active", "rewarded", "occasion", "brought"]
    list_filter = ["is_active"]
    fieldsets = [
        (None, {"fields": ["program", "is_active"]}),
        (_("When it counts"), {"fields": ["occasion", "minimum_cents"]}),
        (
            _("What they get"),
            {"fields": ["rewarded", "referrer_amount", "referred_amount", "gives", "unit"]},
        ),
        (_("Limits"), {"fields": ["window_days", "most_per_month"]}),
    ]

    @admin.display(description=_("customers brought"))
    def brought(self, offer: ReferralOffer) -> int:
        return Referral.objects.filter(
            card__program=offer.program_id, state__in=Referral.COUNTING
        ).count()


@admin.register(Referral)
class ReferralAdmin(Record):
    when_empty = _(
        "Friends who join by a customer's link are here. Make a referral offer first; "
        "then the link is on each card's page."
    )
    list_display = ["referrer", "referred", "state", "reason", "joined_at", "rewarded_at"]
    list_filter = ["state", "reason", "joined_at"]
    list_select_related = ["referrer", "referred"]
    search_fields = ["referrer__email", "referred__email", "referrer__last_name"]
    show_full_result_count = False
    fields = [
        *("referrer", "card", "referred", "state", "reason", "note", "order"),
        *("joined_at", "installed_at", "qualified_at", "rewarded_at"),
        *("watched_until", "reversed_at"),
    ]
