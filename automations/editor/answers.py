"""What the editor's views share: who may call them, and how they answer.

What works is answered with a redirect to the page, what does not with the page and 422; htmx swaps
either into `#editor`, and without JavaScript the browser loads them. So there is one way for both.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from automations.editor.page import Page
from automations.editor.panels import Panel
from automations.models import Automation
from loyalty.errors import NotFound

View = Callable[..., HttpResponse]


def allowed(permission: str) -> Callable[[View], View]:
    """Hands the view a `Page` instead of a primary key, to whoever has the right."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(f"automations.{permission}_automation"):
                raise PermissionDenied
            existing = Automation.objects.filter(deleted_at=None).select_related("live", "draft")
            page = Page(request, get_object_or_404(existing, pk=pk))
            try:
                return view(page, **kwargs)
            except NotFound:
                raise Http404 from None

        return guarded

    return decorate


def shown(page: Page, status: int = 200) -> HttpResponse:
    """The editor alone for a swap, the whole page for everybody else."""
    htmx = getattr(page.request, "htmx", None)
    if htmx and not htmx.history_restore_request:
        response = render(
            page.request, "automations/editor/body.html", {**page.context()}, status=status
        )
        if status != 200:  # an address that only takes POST must not stand in the address bar
            response["HX-Push-Url"] = "false"
        return response
    context = admin.site.each_context(page.request) | dict(page.context())
    return render(page.request, "automations/editor.html", context, status=status)


def again(page: Page, panel: Panel) -> HttpResponse:
    page.panel = panel
    return shown(page, status=422)


def done(page: Page, said: str, *, anchor: str = "", **query: str) -> HttpResponse:
    """Back to the page: `focus` is where the cursor goes, `anchor` the step that is scrolled to."""
    messages.success(page.request, said)
    return redirect(address(page.automation, **query) + (f"#step-{anchor}" if anchor else ""))


def address(automation: Automation, **query: str) -> str:
    url = reverse("admin:automations_automation_change", args=(automation.pk,))
    return f"{url}?{urlencode(query)}" if query else url


def is_row_button(form: Any) -> bool:
    """Whether a button of rows was pressed: then nothing is saved and nothing is wrong."""
    pressed = any(
        button.startswith(f"{name}-") and button.endswith("-rows")
        for name in form.fields
        for button in form.data
    )
    if pressed:
        form._errors = {}  # the form is shown as it was sent, without judging it
    return pressed
