"""What every page of a customer answers with."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from loyalty import zones
from loyalty.errors import NotFound
from loyalty.models import Business, Customer

View = Callable[..., HttpResponse]

# Nothing of it is kept by anybody between us and the reader, and no search engine lists it. The
# addresses may be secrets: nothing is sent to other sites ("no-referrer" would make browsers send
# `Origin: null` with our own forms, and Django could not tell them from a stranger's).
PRIVATE = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
}
# Seconds that an answer takes at least which must not tell whether somebody is known.
EVEN = 0.3


def private(view: View) -> View:
    """A page for one pair of eyes; what is not there is a 404 that looks like any other."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except (NotFound, Http404):
            response = render(request, "loyalty/portal/gone.html", status=404)
        for name, value in PRIVATE.items():
            response.headers[name] = value
        return response

    return guarded


def evenly(view: View) -> View:
    """An answer that takes as long whoever was asked for."""

    @wraps(view)
    def slow(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ends = time.monotonic() + EVEN
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            time.sleep(max(0.0, ends - time.monotonic()))
        return response

    return slow


def clock_of(customer: Customer) -> Any:
    """Dates as the clock on their wall has them."""
    return timezone.override(zones.zone(customer.time_zone or Business.get().time_zone))
