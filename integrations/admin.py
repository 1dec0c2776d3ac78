"""Staff's pages: connections to other systems, and what these told us."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.html import escape, format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations import connections, connectors, documents, intake
from integrations.connectors import Connector
from integrations.forms import form_for
from integrations.models import Connection, Receipt, ReceiptState
from loyalty import clock

LAST_RECEIPTS = 10
TONES: dict[str, str] = {ReceiptState.DONE: "good", ReceiptState.REJECTED: "bad"}


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    list_display = ["name", "system", "is_active", "last_heard"]
    readonly_fields = ["system", "address", "last_receipts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        heard = Max("receipts__received_at")
        found: QuerySet[Connection] = super().get_queryset(request).annotate(last_heard=heard)
        return found

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First which system it is, then what that system asks for."""
        if _connector(request, None):
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        page = {
            "title": _("Which system?"),
            "opts": self.opts,
            "systems": connectors.all_of_them(),
        }
        context = self.admin_site.each_context(request) | page
        return TemplateResponse(request, "integrations/choose_system.html", context)

    def get_form(
        self,
        request: HttpRequest,
        obj: Connection | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        if connector := _connector(request, obj):
            kwargs["form"] = form_for(connector)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        connector = _connector(request, obj)
        settings = [*connector.settings.base_fields] if connector else []
        if obj is None:
            return [(None, {"fields": ["name", *settings], "description": _help(connector)})]
        sections: list[Any] = [(None, {"fields": ["name", "system", "is_active"]})]
        # The address lets in whoever knows it: only those who may change it see it.
        if connector and self.has_change_permission(request, obj):
            if "previous_secret" in obj.credentials:
                settings.append("forget_previous")
            page = {"fields": ["address", *settings], "description": _help(connector)}
            sections.append((_("Webhook"), page))
        return [*sections, (None, {"fields": ["last_receipts"]})]

    def response_post_save_add(self, request: HttpRequest, obj: Connection) -> HttpResponseRedirect:
        # Next, the address is copied to the other side.
        return redirect("admin:integrations_connection_change", obj.pk)

    @admin.display(description=_("system"), ordering="connector")
    def system(self, connection: Connection) -> str:
        connector = connectors.named(connection.connector)
        return str(connector.label) if connector else connection.connector

    @admin.display(description=_("last heard of"), ordering="last_heard")
    def last_heard(self, connection: Connection) -> Any:
        return getattr(connection, "last_heard", None)

    @admin.display(description=_("address"))
    def address(self, connection: Connection) -> str:
        return format_html(
            '<input type="text" class="vLargeTextField" readonly value="{}" aria-label="{}">',
            connections.address(connection),
            _("address"),
        )

    @admin.display(description=_("last receipts"))
    def last_receipts(self, connection: Connection) -> str:
        last = connection.receipts.defer("body")[:LAST_RECEIPTS]
        receipts = [(receipt, _badge(receipt)) for receipt in last]
        return render_to_string("integrations/last_receipts.html", {"receipts": receipts})


@admin.register(Receipt)
class ReceiptAdmin(admin.ModelAdmin):
    list_display = ["received_at", "connection", "topic", "badge", "note"]
    list_filter = ["state", "connection"]
    list_select_related = ["connection"]
    fields = readonly_fields = (
        *("connection", "topic", "badge", "note", "customer"),
        *("received_at", "processed_at", "attempts", "content"),
    )
    actions = ["read_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        found: QuerySet[Receipt] = super().get_queryset(request).defer("body")
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return False

    def has_read_again_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("integrations.change_receipt"))

    @admin.display(description=_("state"), ordering="state")
    def badge(self, receipt: Receipt) -> str:
        return _badge(receipt)

    @admin.display(description=_("content"))
    def content(self, receipt: Receipt) -> str:
        return format_html('<pre class="code">{}</pre>', documents.pretty(bytes(receipt.body)))

    @admin.action(description=_("Read the rejected ones again"), permissions=["read_again"])
    def read_again(self, request: HttpRequest, receipts: QuerySet[Receipt]) -> None:
        count = intake.read_again(receipts, now=clock.now())
        text = ngettext("%d receipt will be read again.", "%d receipts will be read again.", count)
        self.message_user(request, text % count, messages.SUCCESS)


def _connector(request: HttpRequest, connection: Connection | None) -> Connector | None:
    """The system of a connection; of a new one, as the address of its form says."""
    slug = connection.connector if connection else request.GET.get("connector", "")
    return connectors.named(slug)


def _help(connector: Connector | None) -> str:
    """What to do over there; Django's fieldsets print it as HTML."""
    return escape(connector.help) if connector else ""


def _badge(receipt: Receipt) -> str:
    tone = TONES.get(receipt.state, "neutral")
    return format_html('<span class="badge tone-{}">{}</span>', tone, receipt.get_state_display())
