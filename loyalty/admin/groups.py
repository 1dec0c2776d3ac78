"""Filters of the list of customers by what they are grouped by; other pages link to them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty import rfm
from loyalty.clock import now
from loyalty.conditions import as_q, parse
from loyalty.models import Customer, Segment

Lookups = list[tuple[str, Any]]
Customers = QuerySet[Customer]


class RfmFilter(admin.SimpleListFilter):
    title = _("RFM segment")
    parameter_name = "rfm"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [(slug, name) for slug, name in rfm.NAMES.items()]

    def queryset(self, request: HttpRequest, queryset: Customers) -> Customers:
        slug = self.value()
        return queryset.filter(rfm_standing__segment=slug) if slug else queryset


class SegmentFilter(admin.SimpleListFilter):
    title = _("segment")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [(slug, name) for slug, name in Segment.objects.values_list("slug", "name")]

    def queryset(self, request: HttpRequest, queryset: Customers) -> Customers:
        slug = self.value()
        return queryset.filter(placements__segment__slug=slug) if slug else queryset


class _Linked(admin.SimpleListFilter):
    """Chosen on another page; here it is said, and can be taken away."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        chosen = request.GET.get(self.parameter_name or "", "")
        return [(chosen, self.words(chosen))] if chosen else []

    def words(self, chosen: str) -> str:
        return chosen


class TagFilter(_Linked):
    title = _("tag")
    parameter_name = "tag"

    def queryset(self, request: HttpRequest, queryset: Customers) -> Customers:
        tag = self.value()
        if not tag:
            return queryset
        return queryset.filter(as_q(parse(["customer.tags", "has", tag]), now()))


class CellFilter(_Linked):
    """`cell=4-3`: the scores of recency and visits."""

    title = _("cell of the RFM grid")
    parameter_name = "cell"

    def words(self, chosen: str) -> str:
        scores = self._scores(chosen)
        if scores is None:
            return gettext("none")
        return rfm.current().name(rfm.current().kind_at(*scores).slug)

    def queryset(self, request: HttpRequest, queryset: Customers) -> Customers:
        chosen = self.value()
        if not chosen:
            return queryset
        scores = self._scores(chosen)
        if scores is None:
            return queryset.none()
        recency, visits = scores
        return queryset.filter(rfm_standing__recency=recency, rfm_standing__visits=visits)

    def _scores(self, chosen: str) -> tuple[int, int] | None:
        recency, _dash, visits = chosen.partition("-")
        if len(chosen) > 5 or not (recency.isdecimal() and visits.isdecimal()):
            return None
        return int(recency), int(visits)
