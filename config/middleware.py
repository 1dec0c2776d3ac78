"""What every answer carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

# Swagger's page writes style attributes as it draws itself. Its script is a file of ours.
EXCEPTIONS = {"/api/docs/": {"style-src": "'self' 'unsafe-inline'"}}


def policy_for(path: str) -> str:
    return "; ".join(
        f"{name} {value}" for name, value in (POLICY | EXCEPTIONS.get(path, {})).items()
    )


class ContentSecurityPolicy:
    """Lets a page load only what we serve. A view that set a policy of its own keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        return response
