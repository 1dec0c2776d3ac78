"""The ladder of tiers, and who stands where on it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import TextField
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty import clock, money, tiers, zones
from loyalty.admin import amounts
from loyalty.admin.pages import OnlyOne, Verbs, cause_of
from loyalty.models import Business, Customer, Ladder, Standing, Tier
from loyalty.models.tier import Metric


class TierRowForm(forms.ModelForm):
    """Other systems and automations know a tier by its slug, which it gets from its first name."""

    class Meta:
        model = Tier
        fields = ["name", "threshold", "color", "benefits"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.instance.slug:
            self.instance.slug = slugify(said.get("name", ""))[:60]
            if not self.instance.slug:
                self.add_error("name", _("Use some letters from a to z or digits."))
            elif Tier.objects.filter(slug=self.instance.slug).exists():
                self.add_error("name", _("There is a tier of that name."))
        return said


def tell_what_counts(form: forms.BaseForm, metric: str) -> None:
    """Amounts on the ladder's page are of what it counts."""
    currency = Business.get().currency
    words = {
        Metric.SPENT.value: currency,
        Metric.ORDERS.value: _now("orders"),
        Metric.POINTS.value: _now("points"),
    }
    is_money = metric == Metric.SPENT
    beside = words.get(metric, "")
    amounts.tell(form, currency if is_money else "", beside=beside, follows="metric", words=words)


class LadderForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tell_what_counts(self, amounts.typed_in(self, "metric"))


class TierFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        said = self.data.get("metric", "") if self.is_bound else ""
        tell_what_counts(form, said or self.instance.metric)


class TierRows(amounts.InMajorUnits, admin.StackedInline):
    model = Tier
    form = TierRowForm
    formset = TierFormSet
    amount_columns = ("threshold",)
    extra = 0
    fields = [("name", "threshold", "color"), "benefits"]
    formfield_overrides = {TextField: {"widget": forms.Textarea(attrs={"rows": 3})}}


@admin.register(Ladder)
class LadderAdmin(amounts.InMajorUnits, OnlyOne):
    form = LadderForm
    amount_columns = ("close_amount",)
    inlines = [TierRows]
    fieldsets = [
        (_("What counts"), {"fields": ["metric", ("window", "window_months"), "climb"]}),
        (
            _("Losing a tier"),
            {
                "fields": [
                    ("downgrade", "drop"),
                    ("review", "review_months"),
                    ("review_month", "review_day"),
                    "grace_days",
                    "refund_drops",
                ],
                "description": _("The review matters where tiers are lost at a review."),
            },
        ),
        (
            _("Told in time"),
            {
                "fields": [("close_percent", "close_amount"), "risk_days"],
                "description": _("For automations that start close to a tier, or at its risk."),
            },
        ),
    ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        tiers.ladder_changed(clock.now())
        said = _("Everybody is looked at anew, in the background; nobody is told of it.")
        self.message_user(request, said)


class StandingForm(forms.ModelForm):
    until = forms.DateField(
        label=_("Keep until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day on which nothing else moves them; empty: the rules decide."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=250,
        widget=AdminTextInputWidget,
        help_text=_("Kept for staff; customers do not see it."),
    )

    class Meta:
        model = Standing
        fields = ["customer", "tier"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kept := self.instance.locked_until:
            # It ends with a day: a moment before is still in it.
            last = (kept - timedelta(seconds=1)).astimezone(zones.zone(Business.get().time_zone))
            self.initial["until"] = last.date()
        self.initial["reason"] = ""

    def ends(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return zones.day_after(day, Business.get().time_zone) if day else None


@admin.register(Standing)
class StandingAdmin(Verbs):
    """Who has which tier; another one is given by hand, with a reason."""

    when_empty = _(
        "Nobody has a tier yet. Customers come here once the tiers are set and they buy or earn."
    )
    form = StandingForm
    list_display = ["customer", "tier", "since", "locked_until", "next_review_at"]
    list_filter = ["tier"]
    list_select_related = ["customer", "tier"]
    search_fields = ["customer__email", "customer__last_name", "customer__first_name"]
    autocomplete_fields = ["customer"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Standing | None = None) -> list[Any]:
        shown = ["customer", "tier", "until", "reason"]
        return [*shown, "since", "next_review_at", "last_reason"] if obj else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Standing | None = None) -> list[str]:
        return ["customer", "since", "next_review_at", "last_reason"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("last reason"))
    def last_reason(self, standing: Standing) -> str:
        return standing.reason or "–"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        tiers.assign(
            obj.customer,
            obj.tier,
            until=form.ends(),
            reason=form.cleaned_data["reason"],
            cause=cause_of(request),
            now=clock.now(),
        )

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        address = reverse("admin:loyalty_customer_change", args=[obj.customer_id])
        return HttpResponseRedirect(address)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.response_post_save_add(request, obj)


def seen(customer: Customer, request: HttpRequest) -> dict[str, Any]:
    """What a customer's page shows of their tier; nothing without tiers."""
    found = tiers.progress([customer.pk], clock.now()).get(customer.pk)
    if found is None:
        return {}
    is_new = found.standing._state.adding
    change = (
        reverse("admin:loyalty_standing_add") + f"?customer={customer.pk}"
        if is_new
        else reverse("admin:loyalty_standing_change", args=[customer.pk])
    )
    right = "loyalty.add_standing" if is_new else "loyalty.change_standing"
    return {
        "tier": found,
        "tier_count": said(found.count, found.metric),
        "tier_remaining": said(found.remaining, found.metric),
        "tier_url": change if request.user.has_perm(right) else "",
    }


def said(count: int, metric: Metric) -> str:
    """So much of what the ladder counts, in words."""
    match metric:
        case Metric.SPENT:
            return money.written(count, Business.get().currency)
        case Metric.ORDERS:
            return ngettext("%d order", "%d orders", count) % count
    return _now("%d points") % count
