"""The one address that other systems post to: length, raw body, signature, row, answer.

Nothing is understood here that can wait, because senders give up after seconds.
"""

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from integrations import connections, connectors, intake
from integrations.arrivals import Arrival
from integrations.errors import BadSignature, MethodNotAllowed
from loyalty import clock
from loyalty.api.errors import TooLarge, refusal_of
from loyalty.errors import Invalid, LoyaltyError, NotFound

MOST_BYTES = 1024 * 1024


@csrf_exempt  # the signature says who it is; there is no session to ride on
def hook(request: HttpRequest, connector: str, uuid: str, path_secret: str) -> HttpResponse:
    try:
        _receive(request, connector, uuid, path_secret)
    except (LoyaltyError, APIException, DatabaseError) as error:
        refusal = refusal_of(error)
        return JsonResponse(refusal.body, status=refusal.status, headers=refusal.headers)
    return JsonResponse({"received": True})


def _receive(request: HttpRequest, slug: str, uuid: str, path_secret: str) -> None:
    if request.method != "POST":
        raise MethodNotAllowed
    now = clock.now()
    connector = connectors.named(slug)
    if connector is None:
        raise NotFound
    connection = connections.find(slug, uuid, path_secret)
    arrival = Arrival(
        body=_body(request),
        headers=request.headers,
        url=f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}",
    )
    if not connector.verifies(arrival, connections.signing_secrets(connection), now=now):
        raise BadSignature
    intake.keep(connection, connector.envelope(arrival), arrival.body, now=now)


def _body(request: HttpRequest) -> bytes:
    """The raw body. One that is too long is refused before it is read, or while it is."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge
    try:
        body = request.read(MOST_BYTES + 1)
    except UnreadablePostError as error:
        raise Invalid from error
    if len(body) > MOST_BYTES:
        raise TooLarge
    return body
