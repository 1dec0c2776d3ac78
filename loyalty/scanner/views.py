"""The scanner's page, and what makes it an app on a phone."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from loyalty.models import Business
from loyalty.scanner import shell, words

# The canvas of the two themes (tokens.css), as the phone's own bars take it.
LIGHT, DARK = "#f7f6f3", "#121416"


@require_safe
@never_cache
def app(request: HttpRequest) -> HttpResponse:
    """The same page for all of it; which device asks is known only to the API."""
    told = {
        "words": words.catalogue(),
        "language": get_language(),
        "home": reverse("scanner"),
        "claim": f"{reverse('scanner_pair')}claim/",
        "worker": reverse("scanner_worker"),
        "api": "/api/v1/",
    }
    return render(
        request,
        "loyalty/scanner/app.html",
        {"told": told, "light": LIGHT, "dark": DARK, "shop": Business.get().name},
    )


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """https://www.w3.org/TR/appmanifest/"""
    home = reverse("scanner")
    icons = [
        {"src": static(f"scanner/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    maskable = icons[1] | {"src": static("scanner/icon-maskable-512.png"), "purpose": "maskable"}
    said = {
        "id": home,
        "start_url": home,
        "scope": home,
        "name": _("%s scanner") % (Business.get().name or "Regulars"),
        "short_name": _("Scanner"),
        "description": _("Scan loyalty cards at the counter."),
        "lang": get_language(),
        "display": "standalone",
        "orientation": "any",
        "background_color": LIGHT,
        "theme_color": LIGHT,
        "icons": [*icons, maskable],
    }
    return JsonResponse(said, content_type="application/manifest+json")


@require_safe
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """It stands beside the page, since it may serve only what lies below itself."""
    told = {"version": shell.version(), "files": shell.files(), "home": reverse("scanner")}
    return render(
        request,
        "loyalty/scanner/worker.js",
        {"told_json": json.dumps(told)},
        content_type="text/javascript",
    )
