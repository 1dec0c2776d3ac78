"""Coupon campaigns and their codes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty import actors, clock, coupons
from loyalty.admin import amounts
from loyalty.admin.pages import Page, Record, texts_of
from loyalty.coupons.codes import fold
from loyalty.coupons.export import lines
from loyalty.errors import LoyaltyError
from loyalty.models import Business, Campaign, Coupon, CouponUse
from loyalty.models.coupon import LONGEST_CODE, CouponState, Supply
from loyalty.money import written

MOST_SHOWN = 50
MOST_BYTES = 10 * 1024 * 1024


class MakeForm(forms.Form):
    number = forms.IntegerField(
        label=_("How many codes"), min_value=1, max_value=coupons.MOST_AT_ONCE, initial=100
    )


class ImportForm(forms.Form):
    codes = forms.CharField(
        label=_("Codes, one a line"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    file = forms.FileField(
        label=_("Or a file"), required=False, help_text=_("CSV or text; its first column counts.")
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        file = said.get("file")
        if file is not None and file.size > MOST_BYTES:
            self.add_error("file", _("This is more than 10 MB."))
        elif file is None and not said.get("codes"):
            self.add_error("codes", _("Paste some codes, or choose a file."))
        return said

    def lines(self) -> Iterable[str]:
        file = self.cleaned_data.get("file")
        pasted: str = self.cleaned_data["codes"]
        return (file.read().decode("utf-8", "replace") if file else pasted).splitlines()


class ShareForm(forms.Form):
    code = forms.CharField(label=_("The code for everybody"), max_length=LONGEST_CODE)


def codes(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """How many codes there are and what became of them; making, importing and sharing them."""
    campaign = _campaign(request, campaign_id)
    act = request.POST.get("act", "")
    sent = request.POST or None
    supplies: dict[str, dict[str, forms.Form]] = {
        Supply.POOL: {
            "make": MakeForm(sent if act == "make" else None),
            "import": ImportForm(
                sent if act == "import" else None, request.FILES if act == "import" else None
            ),
        },
        Supply.SHARED: {"share": ShareForm(sent if act == "share" else None)},
    }
    offered = supplies.get(campaign.supply, {})
    problems: list[coupons.Problem] = []
    form = offered.get(act)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            problems = _done(request, campaign, form)
        except LoyaltyError as refusal:
            for text in texts_of(refusal):
                form.add_error(None, text)
        else:
            if not problems:
                return redirect("admin:loyalty_campaign_codes", campaign.pk)
    page = {
        "title": campaign.name,
        "campaign": campaign,
        "counts": _counts(campaign),
        "forms": offered,
        "problems": problems[:MOST_SHOWN],
        "more_problems": max(0, len(problems) - MOST_SHOWN),
        "shared": campaign.coupons.filter(state=CouponState.ISSUED).first()
        if campaign.supply == Supply.SHARED
        else None,
    }
    context = admin.site.each_context(request) | page
    return TemplateResponse(request, "loyalty/codes.html", context)


def export(request: HttpRequest, campaign_id: int) -> StreamingHttpResponse:
    campaign = _campaign(request, campaign_id)
    name = f'attachment; filename="{campaign.slug}.csv"'
    return StreamingHttpResponse(
        lines(campaign, now=clock.now()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    if not request.user.has_perm("loyalty.change_campaign"):
        raise PermissionDenied
    return get_object_or_404(Campaign, pk=campaign_id)


def _done(request: HttpRequest, campaign: Campaign, form: forms.Form) -> list[coupons.Problem]:
    """Do what the form says; what is wrong with which line."""
    said, now = form.cleaned_data, clock.now()
    problems: list[coupons.Problem] = []
    match form:
        case MakeForm():
            n = coupons.generate(campaign, said["number"], now=now)
        case ImportForm():
            n, problems = coupons.import_codes(campaign, form.lines(), now=now)
        case _:
            coupons.share(campaign, said["code"], now=now)
            n = 1
    text = ngettext("%d code is there now.", "%d codes are new.", n) % n
    messages.add_message(request, messages.SUCCESS if n else messages.WARNING, text)
    return problems


def _counts(campaign: Campaign) -> dict[str, int]:
    """Codes by what was done with them; `uses` are redemptions, which everybody's code has many."""
    now = clock.now()
    states = dict(campaign.coupons.order_by().values_list("state").annotate(n=Count("pk")))
    uses = CouponUse.objects.filter(campaign=campaign, returned_at=None).count()
    found = {state.value: states.get(state.value, 0) for state in CouponState}
    found["expired"] = Coupon.objects.over(now).filter(campaign=campaign).count()
    return found | {"uses": uses, "total": sum(states.values())}


@admin.register(Campaign)
class CampaignAdmin(amounts.InMajorUnits, Page):
    when_empty = _(
        "A campaign gives coupon codes: one for everybody, one for each customer, or a "
        "batch for flyers. Add the first one."
    )
    form = amounts.CurrencyForm
    amount_columns = ("value_cents", "minimum_cents")
    change_form_template = "loyalty/campaign.html"
    list_display = ["name", "offer", "supply", "given", "redeemed", "ends_at", "is_active"]
    list_filter = ["is_active", "supply", "kind"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "offer", "is_active"]}),
        (
            _("What it is worth"),
            {"fields": ["kind", "percent", "value_cents", "currency", "minimum_cents"]},
        ),
        (_("Codes"), {"fields": ["supply", "prefix"]}),
        (_("When"), {"fields": ["starts_at", "ends_at", "valid_days"]}),
        (
            _("Limits"),
            {"fields": ["most_in_all", "most_per_customer", "returns_on_refund"]},
        ),
    ]

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:campaign_id>/codes/", wrap(codes), name="loyalty_campaign_codes"),
            path("<int:campaign_id>/codes.csv", wrap(export), name="loyalty_campaign_export"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        given = Count("coupons", filter=Q(coupons__issued_at__isnull=False))
        found: QuerySet[Campaign] = super().get_queryset(request)
        return found.annotate(given_count=given)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        """Automations and other systems know it by its slug, and its codes are as they are."""
        return ["slug", "supply"] if obj else []

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Campaign | None = None
    ) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"currency": Business.get().currency} | given

    def response_add(
        self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None
    ) -> HttpResponse:
        if obj.supply == Supply.GENERATED:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _now("The campaign is there. Now it needs its codes."))
        return redirect("admin:loyalty_campaign_codes", obj.pk)

    @admin.display(description=_("given"), ordering="given_count")
    def given(self, campaign: Campaign) -> int:
        return int(getattr(campaign, "given_count", 0))

    @admin.display(description=_("redeemed"))
    def redeemed(self, campaign: Campaign) -> int:
        return campaign.uses.filter(returned_at=None).count()


@admin.register(Coupon)
class CouponAdmin(Record):
    when_empty = _(
        "Codes come here when a campaign gives them, or when you make or import them on "
        "the campaign's page."
    )
    list_display = ["code", "campaign", "customer", "status", "issued_at", "redeemed_at"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign", "customer"]
    search_fields = ["folded__exact", "customer__email"]
    show_full_result_count = False
    actions = ["void"]
    fields = [
        *("code", "campaign", "customer", "status", "made_at"),
        *("issued_at", "expires_at", "redeemed_at"),
    ]
    readonly_fields = ["status"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Coupon], search_term: str
    ) -> tuple[QuerySet[Coupon], bool]:
        """However it was typed."""
        return super().get_search_results(request, queryset, fold(search_term))

    @admin.display(description=_("state"), ordering="state")
    def status(self, coupon: Coupon) -> str | Promise:
        is_over = coupon.state_at(clock.now()) == "expired"
        return _("Expired") if is_over else coupon.get_state_display()

    def has_void_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("loyalty.change_coupon")

    @admin.action(description=_("Void the selected codes"), permissions=["void"])
    def void(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> None:
        for coupon in queryset.order_by("pk"):
            try:
                coupons.void(coupon)
            except LoyaltyError as refusal:
                self.message_user(request, f"{coupon}: {refusal.message}", messages.ERROR)


@admin.register(CouponUse)
class CouponUseAdmin(Record):
    when_empty = _("No code was redeemed yet. The till and your shop say when one is.")
    list_display = ["coupon", "campaign", "customer", "order_key", "taken_off", "at", "returned_at"]
    list_filter = ["campaign", "location", "at"]
    list_select_related = ["coupon", "campaign", "customer"]
    search_fields = ["order_key__exact", "coupon__folded__exact"]
    show_full_result_count = False
    fields = [
        *("coupon", "campaign", "customer", "order_key", "total", "taken_off"),
        *("by", "location", "at", "returned_at"),
    ]
    readonly_fields = ["total", "taken_off", "by"]

    @admin.display(description=_("order total"))
    def total(self, use: CouponUse) -> str:
        return _money(use.total_cents, use)

    @admin.display(description=_("taken off"), ordering="off_cents")
    def taken_off(self, use: CouponUse) -> str:
        return _money(use.off_cents, use)

    @admin.display(description=_("by"))
    def by(self, use: CouponUse) -> str:
        return actors.named([use.actor])[use.actor]


def _money(cents: int | None, use: CouponUse) -> str:
    """An order's total may be unknown."""
    return "–" if cents is None else written(cents, use.campaign.currency)
