"""Google Wallet's addresses: the way to its save page, and its callback."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from loyalty import clock
from loyalty.errors import NotFound
from loyalty.models import WalletKeys
from loyalty.models.wallet import Wallet
from loyalty.wallet import links, passes
from loyalty.wallet.errors import BadCallback, NotConfigured
from loyalty.wallet.google import callbacks, tokens
from messaging.errors import MessagingError
from messaging.providers import google

LONGEST_BODY = 64 * 1024


@never_cache
@require_safe
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Introduce the card to Google, then lead the customer to where it is saved."""
    now = clock.now()
    try:
        card = links.card_of(key)
        with google.GoogleWallet() as wallet:
            passes.of(card, Wallet.GOOGLE, now=now)
            wallet.introduce(card, now)
            return HttpResponseRedirect(tokens.save_link(card, wallet.account, now=now))
    except (NotFound, NotConfigured):
        raise Http404 from None
    except MessagingError:
        said = _("Google Wallet cannot be reached just now. Please try again in a minute.")
        return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8")


@csrf_exempt  # Google's signature says who it is; there is no session to ride on
@require_POST
def callback(request: HttpRequest) -> HttpResponse:
    """A pass was saved or deleted. Where Google's keys cannot be fetched, it is to come back."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return HttpResponse(status=413)
    now = clock.now()
    issuer = WalletKeys.get().google_issuer
    if not issuer:
        raise Http404
    try:
        said = callbacks.verified(request.body, google.root_keys(now), issuer, now=now)
    except BadCallback:
        return HttpResponse(status=401)
    except MessagingError:
        return HttpResponse(status=503)
    callbacks.take_in(said, now=now)
    return HttpResponse()
