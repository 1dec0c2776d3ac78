"""Staff's pages: who speaks, and what became of what was said."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from loyalty import clock
from messaging import dispatch, preview
from messaging.errors import MessagingError
from messaging.forms import form_for
from messaging.models import Message, Sender
from messaging.models.message import MessageState, Purpose
from messaging.providers.base import PROVIDERS, Provider

MEANING = {
    MessageState.QUEUED: _("It is sent as soon as it is due."),
    MessageState.SENDING: _("It is with the carrier at this moment."),
    MessageState.SENT: _("The carrier has taken it."),
    MessageState.REFUSED: _("It was not to be sent, and will not be."),
    MessageState.FAILED: _("It could not be sent. You can try it again."),
    MessageState.UNKNOWN: _("It may or may not have arrived. Say which, or risk sending it twice."),
}


@admin.register(Sender)
class SenderAdmin(admin.ModelAdmin):
    list_display = ["name", "from_address", "carrier", "is_default", "is_active"]
    change_form_template = "messaging/sender.html"

    class Media:
        css = {"all": ["messaging/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.test))
        address = path("<int:pk>/test/", test, name="messaging_sender_test")
        return [address, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First which carrier it is, then what that carrier asks for."""
        if _provider(request, None):
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        carriers = [
            {"name": one.name, "label": one.label, "help": one.help} for one in PROVIDERS.values()
        ]
        page = {"title": _("Which carrier?"), "opts": self.opts, "carriers": carriers}
        context = self.admin_site.each_context(request) | page
        return TemplateResponse(request, "messaging/choose_carrier.html", context)

    def get_form(
        self, request: HttpRequest, obj: Sender | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if provider := _provider(request, obj):
            kwargs["form"] = form_for(provider)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Sender | None = None) -> Any:
        own = ["name", "from_name", "from_address", "is_default", "is_active"]
        provider = _provider(request, obj)
        if provider is None or not provider.Settings.base_fields:
            return [(None, {"fields": own})]
        return [
            (None, {"fields": own}),
            (provider.label, {"fields": [*provider.Settings.base_fields]}),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        """One whose carrier is not here any more can be looked at."""
        is_known = obj is None or obj.provider in PROVIDERS
        return is_known and super().has_change_permission(request, obj)

    @admin.display(description=_("carrier"), ordering="provider")
    def carrier(self, sender: Sender) -> str:
        provider = PROVIDERS.get(sender.provider)
        return str(provider.label) if provider else sender.provider

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a sample to whoever asks for it."""
        sender = get_object_or_404(Sender, pk=pk)
        if not self.has_change_permission(request, sender):
            raise PermissionDenied
        to = getattr(request.user, "email", "")
        if to:
            self._send_test(request, sender, to)
        else:
            self.message_user(request, _("Your account has no email address."), messages.ERROR)
        return redirect("admin:messaging_sender_change", pk)

    def _send_test(self, request: HttpRequest, sender: Sender, to: str) -> None:
        try:
            dispatch.send_test(sender, to)
        except MessagingError as failure:
            self.message_user(request, failure.note, messages.ERROR)
        else:
            self.message_user(request, _("The carrier has taken a test to %s.") % to)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    list_display = ["what", "customer", "state_badge", "queued"]
    list_filter = ["state", "sender"]
    list_select_related = ["customer", "template"]
    search_fields = ["=to", "=key"]
    search_help_text = _("An email address, or a key, in full.")
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["state_in_words", "note", "rendered"]}),
        (_("Who"), {"fields": ["customer", "to", "channel", "sender"]}),
        (_("When and why"), {"fields": ["created_at", "due_at", "sent_at", "attempts", "cause"]}),
        (_("For the carrier"), {"fields": ["key", "provider_id"], "classes": ["collapse"]}),
    ]
    change_form_template = "messaging/message.html"
    actions = ["retry", "mark_sent", "send_again"]

    class Media:
        css = {"all": ["messaging/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        address = path("<int:pk>/preview/", view, name="messaging_message_preview")
        return [address, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("messaging.change_message"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        message: Message = kwargs["obj"]
        if self.has_settle_permission(request):
            context["is_failed"] = message.state == MessageState.FAILED
            context["is_in_doubt"] = message.state == MessageState.UNKNOWN
        return super().render_change_form(request, context, *args, **kwargs)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(Message, pk=pk)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        if not message.html or message.purpose == Purpose.ACCESS:
            raise Http404
        return preview.page(request, message)

    # --- What is shown ---

    @admin.display(description=_("message"))
    def what(self, message: Message) -> str:
        subject = message.subject or message.template.subject
        return format_html('{}<span class="sub">{}</span>', subject, message.note)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, message: Message) -> str:
        label = MessageState(message.state).label
        return format_html('<span class="badge tone-{}">{}</span>', message.tone, label)

    @admin.display(description=_("queued"), ordering="created_at")
    def queued(self, message: Message) -> str:
        at = date_format(localtime(message.created_at), "DATETIME_FORMAT")
        return format_html('<span class="nowrap">{}</span>', at)

    @admin.display(description=_("state"))
    def state_in_words(self, message: Message) -> str:
        return format_html("{} {}", self.state_badge(message), MEANING[MessageState(message.state)])

    @admin.display(description=_("mail"))
    def rendered(self, message: Message) -> str:
        return render_to_string("messaging/rendered.html", {"message": message})

    # --- What can be done ---

    @admin.action(description=_("Try the failed ones again"), permissions=["settle"])
    def retry(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        self._say_queued(request, dispatch.retry(rows, now=clock.now()))

    @admin.action(description=_("In doubt: they arrived, mark as sent"), permissions=["settle"])
    def mark_sent(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        n = dispatch.mark_sent(rows, now=clock.now())
        said = ngettext("%d message is marked as sent.", "%d messages are marked as sent.", n)
        self.message_user(request, said % n)

    @admin.action(description=_("In doubt: send again, perhaps twice"), permissions=["settle"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        self._say_queued(request, dispatch.send_again(rows, now=clock.now()))

    def _say_queued(self, request: HttpRequest, n: int) -> None:
        said = ngettext("%d message is queued again.", "%d messages are queued again.", n)
        self.message_user(request, said % n)


def _provider(request: HttpRequest, sender: Sender | None) -> type[Provider] | None:
    """The carrier of a sender; of a new one, as the address of its form says."""
    return PROVIDERS.get(sender.provider if sender else request.GET.get("carrier", ""))
