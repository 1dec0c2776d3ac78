"""Where the links of `loyalty.wallet.links` and Google's pictures lead."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from loyalty import clock
from loyalty.errors import NotFound
from loyalty.models import Business, Card, Program
from loyalty.models.wallet import Wallet
from loyalty.wallet import images, links, passes
from loyalty.wallet.apple.views import pass_file
from loyalty.wallet.errors import NotConfigured

LOGO_SIZE = 660  # Google's least


@require_safe
def apple_pass(request: HttpRequest, key: str) -> HttpResponse:
    try:
        return pass_of(links.card_of(key))
    except (NotFound, NotConfigured):
        raise Http404 from None


def pass_of(card: Card) -> HttpResponse:
    """The card's `.pkpass`; raises NotConfigured."""
    return pass_file(passes.of(card, Wallet.APPLE, now=clock.now()))


@require_safe
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture that Google fetches for a program: nothing of anybody's."""
    program = get_object_or_404(Program, slug=slug)
    data = images.icon(program, Business.get().name, LOGO_SIZE)
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": "max-age=3600"})
