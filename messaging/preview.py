"""A message as its reader sees it, on a page of its own that can neither run nor load anything."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin

from messaging.models import Message
from messaging.rendering import Rendered

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)


def as_shown(rendered: Rendered, channel: str) -> str:
    """As a mail, or as a phone shows a push."""
    if channel == "push":
        return render_to_string("messaging/notification.html", {"push": rendered})
    return rendered.html


@xframe_options_sameorigin
def page(request: HttpRequest, message: Message) -> HttpResponse:
    """Who may see it is for the caller to say."""
    return HttpResponse(
        message.html,
        headers={
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )
