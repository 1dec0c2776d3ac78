"""Two customers who are one person: find the other, see what becomes of both, and merge them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from loyalty import clock, merging
from loyalty.admin.pages import cause_of, texts_of
from loyalty.customers import CHANNELS
from loyalty.errors import LoyaltyError
from loyalty.models import Customer

MOST_FOUND = 20
RIGHTS = ("loyalty.change_customer", "loyalty.delete_customer")


class Merging(admin.ModelAdmin):
    """Adds the page to the admin of customers. It takes the right to delete, for one is gone."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_view)
        own = [path("<int:customer_id>/merge/", view, name="loyalty_customer_merge")]
        return own + super().get_urls()

    def merge_view(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        """`with` is the customer who goes into this one; without, somebody is looked for."""
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied
        kept = get_object_or_404(self.get_queryset(request), pk=customer_id)
        chosen = (request.POST or request.GET).get("with", "")
        page: dict[str, Any] = {"title": _("Merge"), "opts": self.opts, "kept": kept}
        if not chosen.isdecimal():
            page |= self._found(request, kept)
            return self._page(request, page)
        gone = get_object_or_404(self.get_queryset(request), pk=int(chosen))
        try:
            if request.method == "POST":
                return self._merged(request, gone, kept)
            after = merging.preview(gone, kept, cause=cause_of(request), now=clock.now())
        except LoyaltyError as refusal:
            for text in texts_of(refusal):
                messages.error(request, text)
            return redirect("admin:loyalty_customer_merge", customer_id)
        return self._page(request, page | {"gone": gone, "rows": _beside(kept, gone, after)})

    def _page(self, request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
        each = self.admin_site.each_context(request)
        return TemplateResponse(request, "loyalty/merge.html", each | page)

    def _merged(self, request: HttpRequest, gone: Customer, kept: Customer) -> HttpResponse:
        merging.merge(gone, kept, cause=cause_of(request), now=clock.now())
        self.log_change(request, kept, _("Merged with #%d.") % gone.pk)
        messages.success(request, _("They are one customer from now on."))
        return redirect("admin:loyalty_customer_change", kept.pk)

    def _found(self, request: HttpRequest, kept: Customer) -> dict[str, Any]:
        term = request.GET.get("q", "").strip()
        if not term:
            return {"term": ""}
        others = self.get_queryset(request).exclude(pk=kept.pk)
        found, _may_repeat = self.get_search_results(request, others, term)
        return {"term": term, "found": found.order_by("-pk")[:MOST_FOUND]}


def _beside(kept: Customer, gone: Customer, after: merging.Preview) -> list[tuple[str, ...]]:
    """What it is, of the one who stays, of the one who goes, and afterwards."""
    three = [_said(kept), _said(gone), _said(after.customer)]
    held = [merging.held(kept.pk), merging.held(gone.pk), after.cards]
    rows = zip(three[0], *(said.values() for said in three), strict=True)
    return [*rows, (_("Cards"), *("\n".join(each) for each in held))]


def _said(customer: Customer) -> dict[str, str]:
    return {
        _("Name"): customer.name,
        _("Email"): customer.email,
        _("Phone"): customer.phone,
        _("External id"): customer.external_id,
        _("Birthday"): date_format(customer.birthday) if customer.birthday else "",
        _("Tags"): ", ".join(customer.tags),
        _("Said yes to"): ", ".join(each for each in CHANNELS if customer.consents_to(each)),
    }
