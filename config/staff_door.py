"""Signing in to the staff's pages: passwords cannot be guessed one after the other."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from loyalty import attempts, clock, networks

WINDOW = timedelta(minutes=15)
# Wrong passwords in that time: of a name, of a network, of a browser.
MOST_OF_NAME, MOST_OF_NETWORK, MOST_OF_BROWSER = 10, 100, 10

COOKIE = "regulars_staff"
SALT = "config.staff_door"
A_YEAR = timedelta(days=365)


class SignInForm(AdminAuthenticationForm):
    """Counts before it looks, so that many at once guess no more often; a right password is given
    back. The answer is the same whether anybody has that name.

    A browser that somebody has signed in with before is counted by itself, for that name: strangers
    who type it wrongly lock nobody out of their own shop.
    """

    is_throttled = False

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        counted: list[tuple[str, str]] = []
        if self.request and name and self.cleaned_data.get("password"):
            counted = self._count(self.request, name)
        said = super().clean()
        for what, who in counted:
            attempts.give_back(what, who)
        return said

    def _count(self, request: HttpRequest, name: str) -> list[tuple[str, str]]:
        """What was counted; raises ValidationError where it was too often."""
        now = clock.now()
        if browser := browser_of(request, name):
            limits = [("staff browser", browser, MOST_OF_BROWSER)]
        else:
            limits = [
                ("staff network", networks.of(request), MOST_OF_NETWORK),
                ("staff name", name, MOST_OF_NAME),
            ]
        for what, who, most in limits:
            if not attempts.allowed(what, who, most=most, window=WINDOW, now=now):
                self.is_throttled = True
                raise ValidationError(
                    _("That was tried too often; please wait a quarter of an hour."),
                    code="throttled",
                )
        return [(what, who) for what, who, _most in limits]


def browser_of(request: HttpRequest, name: str) -> str:
    """What a browser is called that this name has signed in with; "" for any other."""
    try:
        theirs, browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=A_YEAR)
    except (signing.BadSignature, UnicodeError):
        return ""
    return str(browser) if theirs == name else ""


def answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What signing in was answered with, and what it means to the browser."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if getattr(form, "is_throttled", False):
        response.status_code = 429
        response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    elif request.method == "POST" and response.status_code == 302:
        _know(request, response)
    return response


def _know(request: HttpRequest, response: HttpResponse) -> None:
    name = request.user.get_username()
    if not browser_of(request, name):
        response.set_cookie(
            COOKIE,
            signing.dumps([name, secrets.token_hex(16)], salt=SALT),
            max_age=A_YEAR,
            path=reverse("admin:index"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
