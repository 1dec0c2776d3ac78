"""Who sits in front of a browser: a cookie of its own, apart from staff's session."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from loyalty import clock, sign_ins
from loyalty.errors import NotFound
from loyalty.models import Customer

COOKIE = "regulars_customer"
DEVICE = "regulars_device"
A_YEAR = timedelta(days=365)
PATH = "/c/"


def customer_of(request: HttpRequest, now: datetime) -> Customer | None:
    """Who is signed in; None for nobody."""
    plain = request.COOKIES.get(COOKIE, "")
    if not plain:
        return None
    try:
        return sign_ins.who(plain, now=now)
    except NotFound:
        return None


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for who is signed in (`customer` is handed in); others come to the door."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        customer = customer_of(request, clock.now())
        if customer is None:
            return redirect("door")
        return view(request, customer, *args, **kwargs)

    return guarded


def device_of(request: HttpRequest) -> str:
    """What this browser calls itself, that nobody brings themselves as a friend; "" before it has
    opened a page of ours."""
    return request.COOKIES.get(DEVICE, "")[:64]


def with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a browser a name that says nothing of who sits before it."""
    if not device_of(request):
        response.set_cookie(
            DEVICE,
            secrets.token_hex(16),
            max_age=A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def let_in(response: HttpResponse, customer: Customer, now: datetime) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        sign_ins.begin(customer, now=now),
        max_age=sign_ins.REST,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def let_out(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Signed out here; what the browser kept of the cards to show them offline goes as well."""
    sign_ins.end(request.COOKIES.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
