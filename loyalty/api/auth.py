"""Who is calling, and what their token lets them do."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from loyalty import clock, tokens
from loyalty.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Caller:
    """The program at the other end, as DRF wants to see it; its token says the rest."""

    is_authenticated = True
    is_active = True

    def __init__(self, token: ApiToken) -> None:
        self.token = token

    def __str__(self) -> str:
        return f"token:{self.token.pk}"


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`. An unknown token and a revoked one get the same answer."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Caller, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != self.keyword.lower().encode():
            return None
        token = tokens.find(words[1].decode("latin-1"), now=clock.now()) if words[1:] else None
        if token is None or words[2:]:
            raise AuthenticationFailed
        return Caller(token), token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class HasScope(BasePermission):
    """The view's `scopes` name, for each method, the scopes of which the token needs one."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return False
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in view.allowed_methods:
            return True  # nobody may: 405 says so
        allowed = getattr(view, "scopes", {}).get(method, ())
        return any(request.auth.allows(scope) for scope in allowed)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped there
    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
