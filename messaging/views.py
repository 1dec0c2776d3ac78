"""`/outbox/`: what the local carrier would have sent. In DEBUG only, and then without a login."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging import preview
from messaging.models import Message

ON_A_PAGE = 50
MOST = 10_000


def while_trying_out(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request, **kwargs)

    return never_cache(require_safe(guarded))


@while_trying_out
def outbox(request: HttpRequest) -> HttpResponse:
    """The mails, newest first: a page for browsers, JSON for those who do not ask for HTML."""
    mails = Message.objects.in_local_outbox()
    if _wants_json(request):
        return JsonResponse({"results": [_as_json(mail) for mail in mails[:MOST]]})
    pages = Paginator(mails.select_related("sender").defer("sender__settings"), ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    chosen = request.GET.get("mail", "")
    is_chosen = chosen.isdecimal()
    mail = get_object_or_404(mails, pk=chosen) if is_chosen else next(iter(page), None)
    context = {"page": page, "mail": mail, "is_chosen": is_chosen}
    return render(request, "messaging/outbox.html", context)


@while_trying_out
def outbox_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail's HTML, for the frame that shows it."""
    return preview.page(request, get_object_or_404(Message.objects.in_local_outbox(), pk=pk))


def _wants_json(request: HttpRequest) -> bool:
    if wanted := request.GET.get("format"):
        return wanted == "json"
    return request.get_preferred_type(["application/json", "text/html"]) != "text/html"


def _as_json(mail: Message) -> dict[str, Any]:
    return {
        "to": mail.to,
        "channel": mail.channel,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "at": mail.sent_at,
    }
