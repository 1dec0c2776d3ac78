from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty import actors, attributes, clock, customers, finding, timeline, totals
from loyalty.admin import tags, tiers
from loyalty.admin.attributes import STEM, field_of, shown
from loyalty.admin.attributes import said as said_of
from loyalty.admin.by_hand import PERMISSION
from loyalty.admin.exporting import Exporting
from loyalty.admin.groups import CellFilter, RfmFilter, SegmentFilter, TagFilter
from loyalty.admin.merging import RIGHTS as MERGING
from loyalty.admin.merging import Merging
from loyalty.admin.pages import Verbs, cause_of
from loyalty.cleaning import cleaned
from loyalty.customers import CHANNELS, Details
from loyalty.customers.details import CLEANERS, CONTACT
from loyalty.customers.matching import IDENTIFIERS
from loyalty.errors import Invalid
from loyalty.models import Business, Card, Consent, Customer
from loyalty.money import written

LAST_CONSENTS = 20
MOMENTS = 25
MOST_MOMENTS = 400
MORE: list[Any] = ["birthday", "language", "time_zone", "external_id", "attributes", "created_at"]


class CustomerForm(forms.ModelForm):
    """What staff may say of a customer; cleaned as it is for everyone else."""

    email = forms.CharField(label=_("Email"), required=False, widget=AdminTextInputWidget)
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        help_text=_("With its country: +41 44 123 45 67."),
        widget=AdminTextInputWidget,
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        help_text=_("Separated by commas."),
        widget=AdminTextInputWidget,
    )
    consent = forms.MultipleChoiceField(
        label=_("Said yes to"),
        required=False,
        choices=[(name, name) for name in CHANNELS],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Customer
        fields = [*CONTACT]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tags"] = ", ".join(self.instance.tags)
        self.initial["consent"] = [name for name in CHANNELS if self.instance.consents_to(name)]

        self.kinds = attributes.defined()
        kept = self.instance.attributes
        for slug in self.kinds:
            self.initial[f"{STEM}{slug}"] = shown(kept.get(slug))
        self.initial["attributes"] = {n: v for n, v in kept.items() if n not in self.kinds}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        try:
            said |= cleaned(self._spoken_of(said), CLEANERS)
        except Invalid as refusal:
            for name, texts in refusal.fields.items():
                self.add_error(name, texts)
        for name in IDENTIFIERS:
            if said.get(name) and self._is_taken(name, said[name]):
                self.add_error(name, _("Another customer has this already."))
        return said

    def _spoken_of(self, said: dict[str, Any]) -> dict[str, Any]:
        values = {name: said[name] for name in said if name in CLEANERS}
        if "tags" in said:
            values["tags"] = [tag for tag in map(str.strip, said["tags"].split(",")) if tag]
        if "consent" in said:
            # Nothing was said of what nobody touched: silence is no refusal.
            touched = set(said["consent"]) ^ set(self.initial["consent"])
            values["consent"] = {name: name in said["consent"] for name in sorted(touched)}
        if "attributes" in said:
            others = said["attributes"] or {}
            if isinstance(others, dict):
                others = others | self._attributes(said)
            values["attributes"] = others
        return values

    def _attributes(self, said: dict[str, Any]) -> dict[str, Any]:
        """Those with a field of their own."""
        found = {
            slug: said_of(kind, said.get(f"{STEM}{slug}")) for slug, kind in self.kinds.items()
        }
        return {slug: value for slug, value in found.items() if value is not None}

    def _is_taken(self, name: str, value: str) -> bool:
        others = Customer.objects.exclude(pk=self.instance.pk)
        return others.filter(**{name: value}).exists()

    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in CLEANERS if name in self.cleaned_data}


@admin.register(Customer)
class CustomerAdmin(Exporting, Merging, Verbs):
    form = CustomerForm
    list_display = ["__str__", "email", "phone", "joined"]
    list_filter = [SegmentFilter, RfmFilter, CellFilter, TagFilter, "created_at"]
    search_fields = ["first_key", "last_key", "phone_key", "email", "external_id"]
    search_help_text = _(
        "The beginning of a name or an email, the end of a phone number, a whole external id."
    )
    readonly_fields = ["created_at"]
    show_full_result_count = False
    change_form_template = "loyalty/customer.html"
    change_list_template = "loyalty/customers.html"
    delete_confirmation_template = "loyalty/forget_customer.html"
    fieldsets = [
        (None, {"fields": ["first_name", "last_name", "email", "phone", "consent", "tags"]}),
        (_("More"), {"fields": MORE}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).filter(erased_at=None)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        if not search_term.strip():
            return queryset, False
        return finding.customers(search_term, queryset), False

    @admin.display(description=_("joined"), ordering="created_at")
    def joined(self, customer: Customer) -> date:
        return timezone.localdate(customer.created_at)

    def get_urls(self) -> list[URLPattern]:
        guarded: Any = self.admin_site.admin_view(tags.page)
        return [path("tags/", guarded, name="loyalty_customer_tags"), *super().get_urls()]

    def get_form(
        self, request: HttpRequest, obj: Customer | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """With a field for each attribute that the shop has defined."""
        fields = {f"{STEM}{slug}": field_of(each) for slug, each in attributes.defined().items()}
        form = type("CustomerForm", (CustomerForm,), dict[str, Any](fields))
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        own = [f"{STEM}{slug}" for slug in attributes.defined()]
        first, more = self.fieldsets
        return [first, *([(_("What you keep of them"), {"fields": own})] if own else []), more]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)  # one at a time: nothing brings them back
        return actions

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        customer = kwargs.get("obj")
        if customer is not None:
            context |= _seen(customer, request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Customer, form: CustomerForm, change: bool
    ) -> None:
        cause, now, said = cause_of(request), clock.now(), form.details()
        if change:
            customers.change(obj, said, cause=cause, now=now)
            return
        obj.pk = customers.join(Details(**said), cause=cause, now=now)[0].pk

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing is deleted, so nothing can be in the way; the page says what happens."""
        return [str(customer) for customer in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Customer) -> None:
        customers.erase(obj, cause=cause_of(request), now=clock.now())


def _seen(customer: Customer, request: HttpRequest) -> dict[str, Any]:
    """What stands beside the form: cards and what they hold, and all that happened."""
    cards = Card.objects.filter(customer=customer).prefetch_related("program")
    most = _most_moments(request)
    moments = timeline.of(customer, most + 1)
    found = totals.of([customer.pk]).get(customer.pk, totals.NOTHING)
    is_more = len(moments) > most and most < MOST_MOMENTS
    return {
        "cards": cards.prefetch_related("accounts").order_by("-issued_at"),
        "may_merge": request.user.has_perms(MERGING),
        "may_adjust": request.user.has_perm(PERMISSION),
        "moments": moments[:most],
        "more_moments": min(2 * most, MOST_MOMENTS) if is_more else None,
        "consents": _consents(customer),
        "said_yes": [name for name in CHANNELS if customer.consents_to(name)],
        "totals": found,
        **tiers.seen(customer, request),
        "spent": written(found.total_spent, Business.get().currency),
    }


def _consents(customer: Customer) -> list[tuple[Consent, str]]:
    """The last of them, each with where it was said."""
    last = list(customer.consent_history.all()[:LAST_CONSENTS])
    names = actors.named(consent.source for consent in last)
    return [(consent, names[consent.source]) for consent in last]


def _most_moments(request: HttpRequest) -> int:
    asked = request.GET.get("moments", "")
    return min(int(asked), MOST_MOMENTS) if asked.isdecimal() and int(asked) else MOMENTS
