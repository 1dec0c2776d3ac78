"""What is answered when no view could: as JSON to whoever asked the API, else as Django's pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from loyalty.api.errors import refusal_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_for_api(request):
        return _json(exception)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    # Django has logged what it was; this is only said.
    return _json(Exception()) if _is_for_api(request) else defaults.server_error(request)


def _is_for_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _json(exception: Exception) -> JsonResponse:
    refusal = refusal_of(exception)
    headers = {"Cache-Control": "no-store"} | refusal.headers
    return JsonResponse(refusal.body, status=refusal.status, headers=headers)
