"""The page of tags: how often each is used, and another name for one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty import clock
from loyalty.customers import tags
from loyalty.errors import Invalid
from loyalty.models import Customer


def page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("loyalty.view_customer"):
        raise PermissionDenied
    if request.method == "POST":
        return _renamed(request)
    people = reverse("admin:loyalty_customer_changelist")
    context: dict[str, Any] = {
        "title": _("Tags"),
        "opts": Customer._meta,
        "rows": [(tag, n, f"{people}?{urlencode({'tag': tag})}") for tag, n in tags.counted()],
        "may_change": request.user.has_perm("loyalty.change_customer"),
    }
    each = admin.site.each_context(request)
    return TemplateResponse(request, "loyalty/tags.html", each | context)


def _renamed(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("loyalty.change_customer"):
        raise PermissionDenied
    before, after = request.POST.get("before", ""), request.POST.get("after", "")
    try:
        n = tags.rename(before, after, now=clock.now())
    except Invalid as refused:
        messages.error(request, " ".join(refused.fields["tag"]))
    else:
        said = ngettext(
            "“%(before)s” is now “%(after)s”: %(n)d customer.",
            "“%(before)s” is now “%(after)s”: %(n)d customers.",
            n,
        )
        messages.success(request, said % {"before": before, "after": after.strip(), "n": n})
    return redirect("admin:loyalty_customer_tags")
