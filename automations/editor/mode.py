"""The switch between Draft and Working, in the list and in the editor."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from automations import publishing
from automations.editor import dialogs, listing
from automations.editor.answers import again
from automations.editor.page import Page
from automations.models import Automation
from automations.models.automation import Mode
from automations.problems import Invalid
from loyalty import clock

Sent = Mapping[str, str]


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish or pause. Where people of older versions stand at changed steps, it asks first what
    becomes of them; a refusal says how much is to be mended and leads to the list of it."""
    if not listing.may_publish(request):
        raise PermissionDenied
    existing = Automation.objects.select_related("live", "draft")
    automation = get_object_or_404(existing, pk=pk, deleted_at=None)
    sent = request.POST.dict()
    is_list = sent.get("from") == "list"
    if sent.get("mode") == Mode.WORKING and _asks(automation, sent):
        if is_list:
            said = _("People stand at steps that were changed. Say what becomes of them.")
            return _row(request, automation, "", said, "publish")
        return redirect(_editor(automation) + "?publish")
    try:
        said, refusal = _switch(request, automation, sent), ""
    except Invalid as invalid:
        if "asked" in sent and all(path.startswith("choices.") for path in invalid.fields):
            page = Page(request, automation)
            return again(page, dialogs.publish(page, sent, invalid))
        said, refusal = "", _refusal(invalid)
    if is_list:
        return _row(request, automation, said, refusal, "focus=problems")
    if said:
        messages.success(request, said)
    else:
        messages.error(request, refusal)
    return redirect(_editor(automation) + ("" if said else "?focus=problems"))


def _asks(automation: Automation, sent: Sent) -> bool:
    """What is to be mended is said before anything is asked."""
    if automation.draft is None or "asked" in sent:
        return False
    is_asked = bool(publishing.standing(automation).asked)
    return is_asked and not publishing.problems(automation.draft)


def _switch(request: HttpRequest, automation: Automation, sent: Sent) -> str:
    if sent.get("mode") == Mode.WORKING:
        version = publishing.publish(
            automation,
            choices=dialogs.choices(sent),
            by=f"staff:{request.user.pk}",
            now=clock.now(),
        )
        return _("“%(name)s” is working: version %(n)d is live.") % {
            "name": automation.name,
            "n": version.number,
        }
    people = sent.get("people", publishing.People.HOLD)
    publishing.pause(automation, people, now=clock.now())
    said = {
        publishing.People.HOLD: _("“%(name)s” is paused. Whoever is inside stays where they are."),
        publishing.People.FINISH: _("“%(name)s” is paused. Whoever is inside walks on to the end."),
        publishing.People.END: _("“%(name)s” is paused. Whoever was inside has left."),
    }
    return said[publishing.People(people)] % {"name": automation.name}


def _refusal(invalid: Invalid) -> str:
    n = sum(map(len, invalid.fields.values()))
    first = next((texts[0] for texts in invalid.fields.values()), invalid.message)
    if n <= 1:
        return _("It cannot work yet: %(first)s") % {"first": first}
    rest = ngettext("and %(n)d more thing", "and %(n)d more things", n - 1) % {"n": n - 1}
    return _("It cannot work yet: %(first)s (%(rest)s to fix)") % {"first": first, "rest": rest}


def _row(
    request: HttpRequest, automation: Automation, said: str, refusal: str, way: str
) -> HttpResponse:
    """`way` is the query of the editor's address where the refusal is dealt with."""
    if getattr(request, "htmx", False):
        context = {
            "row": listing.row(automation, refusal),
            "can_publish": True,
            "said": said or refusal,
            "way": way,
        }
        status = 422 if refusal else 200
        return render(request, "automations/list_row.html", context, status=status)
    if refusal:
        messages.error(request, f"{automation.name}: {refusal}")
    else:
        messages.success(request, said)
    if way == "publish" and refusal:
        return redirect(f"{_editor(automation)}?{way}")
    return redirect("admin:automations_automation_changelist")


def _editor(automation: Automation) -> str:
    return reverse("admin:automations_automation_change", args=(automation.pk,))
