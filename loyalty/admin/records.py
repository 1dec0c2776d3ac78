"""What happened: orders, operations and events. Nobody writes these by hand."""

import json
from decimal import Decimal
from math import gcd
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty import actors, wording
from loyalty.admin.by_hand import PERMISSION, undo
from loyalty.admin.pages import Record, Rows
from loyalty.events import FACTS
from loyalty.models import Entry, Event, Operation, Order, OrderEarning, Refund
from loyalty.models.rate import said
from loyalty.money import written

KEY_SHOWN = 16  # letters, in a list


class RefundRows(Rows):
    model = Refund
    verbose_name_plural = _("Refunds")
    fields = ["key", "amount", "at"]
    readonly_fields = ["amount"]

    @admin.display(description=_("amount"))
    def amount(self, refund: Refund) -> str:
        return money(refund.amount_cents, refund.order.currency)


class EarningRows(Rows):
    model = OrderEarning
    verbose_name_plural = _("What it has given")
    fields = ["card", "given", "rule"]
    readonly_fields = ["given", "rule"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEarning]:
        found: QuerySet[OrderEarning] = super().get_queryset(request)
        return found.select_related("card", "order").prefetch_related("card__program")

    @admin.display(description=_("given"))
    def given(self, earning: OrderEarning) -> str:
        return wording.counted(earning.card.program, earning.unit, earning.amount)

    @admin.display(description=_("at the rate of"))
    def rule(self, earning: OrderEarning) -> str:
        program, each = earning.card.program, (earning.earn_amount, earning.earn_per_cents)
        if program.currency_of(earning.unit):
            return f"{said(Decimal(each[0] * 100) / each[1])} %"
        amount, cents = (n // gcd(*each) for n in each)
        words = {
            "amount": wording.counted(program, earning.unit, amount),
            "spent": money(cents, earning.order.currency),
        }
        return _now("%(amount)s for %(spent)s") % words


@admin.register(Order)
class OrderAdmin(Record):
    when_empty = _("Orders come from the till, from your shop and over the API. None has come yet.")
    list_display = ["placed_at", "customer", "total", "refunded", "status", "short_key"]
    list_filter = ["status", "placed_at"]
    list_select_related = ["customer"]
    search_fields = ["key"]
    show_full_result_count = False
    inlines = [EarningRows, RefundRows]
    fields = [
        *("key", "platform", "status", "customer", "placed_at", "source_updated_at"),
        *("total", "tax", "subtotal", "refunded", "note", "shown_lines"),
    ]
    readonly_fields = ["total", "tax", "subtotal", "refunded", "shown_lines"]

    @admin.display(description=_("key"), ordering="key")
    def short_key(self, order: Order) -> str:
        return Truncator(order.key).chars(KEY_SHOWN)

    @admin.display(description=_("total"), ordering="total_cents")
    def total(self, order: Order) -> str:
        return money(order.total_cents, order.currency)

    @admin.display(description=_("refunded"), ordering="refunded_cents")
    def refunded(self, order: Order) -> str:
        return money(order.refunded_cents, order.currency)

    @admin.display(description=_("tax"))
    def tax(self, order: Order) -> str:
        return money(order.tax_cents, order.currency)

    @admin.display(description=_("subtotal"))
    def subtotal(self, order: Order) -> str:
        return money(order.subtotal_cents, order.currency)

    @admin.display(description=_("lines"))
    def shown_lines(self, order: Order) -> SafeString:
        return as_json(order.lines)


class EntryRows(Rows):
    model = Entry
    fields = ["change", "kind", "owed", "left"]
    readonly_fields = ["change", "owed", "left"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        found: QuerySet[Entry] = super().get_queryset(request)
        rows = found.select_related("account", "operation__card")
        return rows.prefetch_related("operation__card__program")

    @admin.display(description=_("change"))
    def change(self, entry: Entry) -> str:
        return wording.change(entry, entry.operation.card.program)

    @admin.display(description=_("owed"))
    def owed(self, entry: Entry) -> str:
        program, n = entry.operation.card.program, entry.debt_delta
        return wording.signed(program, entry.account.unit, n) if n else "–"

    @admin.display(description=_("left"))
    def left(self, entry: Entry) -> str:
        program = entry.operation.card.program
        return wording.counted(program, entry.account.unit, entry.balance_after)


@admin.register(Operation)
class OperationAdmin(Record):
    when_empty = _(
        "Whatever is given to cards or taken from them is written here, for ever. Nothing was yet."
    )
    list_display = ["what", "card", "entries_in_short", "by", "location", "at"]
    list_filter = ["kind", "location", "at"]
    list_select_related = ["card", "location"]
    search_fields = ["key__exact", "card__number__exact", "card__serial__exact"]
    show_full_result_count = False
    inlines = [EntryRows]
    change_form_template = "loyalty/operation.html"
    fields = [
        *("what", "card", "at", "by", "location", "order", "reason", "comment"),
        *("reverses", "undone_by", "key"),
    ]
    readonly_fields = ["what", "by", "comment", "undone_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        found: QuerySet[Operation] = super().get_queryset(request)
        return found.prefetch_related("entries__account", "card__program")

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(undo)
        own = [path("<int:operation_id>/undo/", page, name="loyalty_operation_undo")]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        operation = kwargs["obj"]
        is_undone = operation.reverses_id is not None or hasattr(operation, "reversed_by")
        context["may_undo"] = not is_undone and request.user.has_perm(PERMISSION)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        found.result_list = actors.name_all(found.result_list)
        return found

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Operation | None:
        found: Operation | None = super().get_object(request, *args, **kwargs)
        actors.name_all([found] if found else [])
        return found

    @admin.display(description=_("what"), ordering="kind")
    def what(self, operation: Operation) -> str:
        return wording.done(operation)

    @admin.display(description=_("by"))
    def by(self, operation: Operation) -> str:
        return operation.by_name

    @admin.display(description=_("changes"))
    def entries_in_short(self, operation: Operation) -> str:
        return ", ".join(wording.changes(operation))

    @admin.display(description=_("comment"))
    def comment(self, operation: Operation) -> str:
        note = getattr(operation, "note", None)
        return note.comment if note else ""

    @admin.display(description=_("undone by"))
    def undone_by(self, operation: Operation) -> str:
        return str(getattr(operation, "reversed_by", "") or "–")


class FactFilter(admin.SimpleListFilter):
    """By name, without asking a table of millions which names there are."""

    title = _("name")
    parameter_name = "fact"
    outside = "external"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.outside, _("from outside")), *((name, name) for name in FACTS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        match self.value():
            case None:
                return queryset
            case self.outside:
                return queryset.exclude(name__in=FACTS)
            case name:
                return queryset.filter(name=name)


@admin.register(Event)
class EventAdmin(Record):
    when_empty = _(
        "What customers do, and what other systems tell, is listed here. Nothing has happened yet."
    )
    list_display = ["name", "customer", "card", "cause", "occurred_at"]
    list_filter = [FactFilter, "occurred_at"]
    list_select_related = ["customer", "card"]
    search_fields = ["key__exact", "cause__exact"]
    show_full_result_count = False
    fields = [
        *("name", "customer", "card", "shown_data", "cause", "depth", "key"),
        *("occurred_at", "created_at", "entered_at"),
    ]
    readonly_fields = ["shown_data"]

    @admin.display(description=_("data"))
    def shown_data(self, event: Event) -> SafeString:
        return as_json(event.data)


def money(cents: int, currency: str) -> str:
    """As the reader writes amounts; before an order has arrived it has no currency."""
    return written(cents, currency) if currency else ""


def as_json(value: object) -> SafeString:
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html("<pre>{}</pre>", text)
