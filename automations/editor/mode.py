"""The switch between Draft and Working, in the list and in the editor."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from automations import publishing
from automations.editor import listing
from automations.models import Automation
from automations.models.automation import Mode
from automations.problems import Invalid
from loyalty import clock


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish or pause. A refusal says how much is to be mended and leads to the list of it."""
    if not listing.may_publish(request):
        raise PermissionDenied
    automation = get_object_or_404(Automation, pk=pk, deleted_at=None)
    try:
        said, refusal = _switch(automation, request.POST.get("mode", "")), ""
    except Invalid as invalid:
        said, refusal = "", _refusal(invalid)
    if request.POST.get("from") == "list":
        return _row(request, automation, said, refusal)
    if said:
        messages.success(request, said)
    else:
        messages.error(request, refusal)
    return redirect(_editor(automation) + ("" if said else "?focus=problems"))


def _switch(automation: Automation, mode: str) -> str:
    if mode == Mode.WORKING:
        version = publishing.publish(automation, now=clock.now())
        return _("“%(name)s” is working: version %(n)d is live.") % {
            "name": automation.name,
            "n": version.number,
        }
    publishing.pause(automation, now=clock.now())
    return _("“%(name)s” is paused. Whoever is inside stays where they are.") % {
        "name": automation.name
    }


def _refusal(invalid: Invalid) -> str:
    n = sum(map(len, invalid.fields.values()))
    first = next((texts[0] for texts in invalid.fields.values()), invalid.message)
    if n <= 1:
        return _("It cannot work yet: %(first)s") % {"first": first}
    rest = ngettext("and %(n)d more thing", "and %(n)d more things", n - 1) % {"n": n - 1}
    return _("It cannot work yet: %(first)s (%(rest)s to fix)") % {"first": first, "rest": rest}


def _row(request: HttpRequest, automation: Automation, said: str, refusal: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        context = {
            "row": listing.row(automation, refusal),
            "can_publish": True,
            "said": said or refusal,
        }
        status = 422 if refusal else 200
        return render(request, "automations/list_row.html", context, status=status)
    if refusal:
        messages.error(request, f"{automation.name}: {refusal}")
    else:
        messages.success(request, said)
    return redirect("admin:automations_automation_changelist")


def _editor(automation: Automation) -> str:
    return reverse("admin:automations_automation_change", args=(automation.pk,))
