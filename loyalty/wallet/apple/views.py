"""The PassKit web service: addresses that only phones ask, below /wallet/apple/.

There is no session to ride on: a pass's own token says who asks. What a phone sends is small, and
its errors are logged with their line breaks taken out.
"""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.http import http_date, parse_http_date_safe
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from loyalty import bodies, clock
from loyalty.cleaning import is_storable
from loyalty.errors import Invalid, NotFound
from loyalty.models import Pass, WalletKeys
from loyalty.wallet.apple import document, identity, phones
from loyalty.wallet.apple.bundle import MEDIA_TYPE
from loyalty.wallet.errors import NotConfigured

logger = logging.getLogger(__name__)

SCHEME = "ApplePass "
LONGEST_BODY = 16 * 1024
LONGEST_LINE = 500
MOST_LINES = 20
LONGEST_NAME, LONGEST_TOKEN = 100, 200  # as the columns that keep them


@method_decorator(csrf_exempt, name="dispatch")
class PhoneView(View):
    """Answers 401 to whoever does not know a pass, whatever else is wrong: nothing is to be learnt
    here of which passes there are."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            if not all(is_storable(str(value)) for value in kwargs.values()):
                raise NotFound
            answer = super().dispatch(request, *args, **kwargs)
        except (NotFound, NotConfigured):
            answer = HttpResponse(status=401)
        except Invalid:
            answer = HttpResponse(status=400)
        answer["Cache-Control"] = "no-store"
        return answer

    def known(self, serial: str) -> Pass:
        """The pass that the request proves to know."""
        given = self.request.headers.get("Authorization", "")
        if not given.startswith(SCHEME):
            raise NotFound
        return phones.find(serial, given.removeprefix(SCHEME).strip())


class OneRegistration(PhoneView):
    def post(self, request: HttpRequest, library: str, pass_type: str, serial: str) -> HttpResponse:
        kept_pass = self.known(serial)
        token = bodies.small_object(request, LONGEST_BODY).get("pushToken")
        if not isinstance(token, str) or not token.isalnum() or len(token) > LONGEST_TOKEN:
            raise Invalid
        if len(library) > LONGEST_NAME:
            raise Invalid
        is_new = phones.register(library, token, kept_pass, now=clock.now())
        return HttpResponse(status=201 if is_new else 200)

    def delete(
        self, request: HttpRequest, library: str, pass_type: str, serial: str
    ) -> HttpResponse:
        phones.unregister(library, self.known(serial), now=clock.now())
        return HttpResponse()


class ChangedPasses(PhoneView):
    def get(self, request: HttpRequest, library: str, pass_type: str) -> HttpResponse:
        since = request.GET.get("passesUpdatedSince", "")
        found = phones.changed(library, since, now=clock.now())
        if not found.serials:
            return HttpResponse(status=204)
        return JsonResponse({"serialNumbers": found.serials, "lastUpdated": found.tag})


class OnePass(PhoneView):
    def get(self, request: HttpRequest, pass_type: str, serial: str) -> HttpResponse:
        kept_pass = self.known(serial)
        known = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
        if known is not None and kept_pass.version <= known:
            return HttpResponse(status=304)
        return pass_file(kept_pass)


class Log(PhoneView):
    def post(self, request: HttpRequest) -> HttpResponse:
        lines = bodies.small_object(request, LONGEST_BODY).get("logs")
        for line in (lines if isinstance(lines, list) else [])[:MOST_LINES]:
            logger.warning("A phone says: %s", " ".join(str(line).split())[:LONGEST_LINE])
        return HttpResponse()


def pass_file(kept_pass: Pass) -> HttpResponse:
    """The signed pass, to open or to keep; raises NotConfigured."""
    signer = identity.of(WalletKeys.get())
    data = document.build(kept_pass, signer, now=clock.now())
    answer = HttpResponse(data, content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{kept_pass.card.program.slug}.pkpass"'
    answer["Last-Modified"] = http_date(kept_pass.version)
    answer["Cache-Control"] = "no-store"
    return answer
