"""Cards as files for Apple Wallet."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from loyalty import cards
from loyalty.api.endpoint import Endpoint
from loyalty.api.schema import says
from loyalty.wallet.apple.bundle import MEDIA_TYPE
from loyalty.wallet.views import pass_of


class PassFile(Endpoint):
    scopes = {"GET": ("customers",)}

    @says(
        "read_pass",
        "Get a card as a pass of Apple Wallet",
        answers={(200, MEDIA_TYPE): OpenApiTypes.BINARY},
        refuses=["not_found", "not_configured"],
    )
    def get(self, request: Request, serial: str) -> HttpResponse:
        """The signed `.pkpass`. Whoever opens it on a phone has the card."""
        return pass_of(cards.by_serial(serial))
