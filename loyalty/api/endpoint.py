"""What every address of the API has in common."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from loyalty.api import errors
from loyalty.api.auth import BearerToken, HasScope
from loyalty.api.fields import Fields
from loyalty.api.parsing import USUAL_LIMIT, StrictJSON
from loyalty.causes import Cause
from loyalty.cleaning import is_storable
from loyalty.counter import By
from loyalty.errors import Invalid
from loyalty.models import ApiToken


class AlwaysJSON(BaseContentNegotiation):
    """We answer in JSON, whatever was asked for; we read it, and nothing else."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, str(only.media_type)


class SortedJSON(JSONRenderer):
    """The same answer is the same bytes: PostgreSQL does not keep the order a kept answer had."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return super().render(in_order(data), accepted_media_type, renderer_context)


def in_order(value: Any) -> Any:
    match value:
        case dict():
            return {name: in_order(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [in_order(item) for item in value]
    return value


class Endpoint(APIView):
    """One address. `scopes` says for each method which scopes open it (any one of them),
    `longest` how many bytes a body may have."""

    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    longest: ClassVar[int] = USUAL_LIMIT

    authentication_classes: Sequence[type[BaseAuthentication]] = (BearerToken,)
    permission_classes: Sequence[type[BasePermission]] = (HasScope,)
    parser_classes = (StrictJSON,)
    renderer_classes = (SortedJSON,)
    content_negotiation_class = AlwaysJSON
    http_method_names = ("get", "head", "post", "put", "patch", "delete")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not all(is_storable(str(name)) for name in kwargs.values()):
            raise NotFound  # PostgreSQL would not even look for it
        if "Transfer-Encoding" in request.headers:
            # Django takes a body without a length for an empty one, and {} may mean something.
            raise Invalid(message=_("Send the body in one piece, with its Content-Length."))

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return errors.handler

    @property
    def token(self) -> ApiToken:
        token = self.request.auth
        assert isinstance(token, ApiToken)  # noqa: S101 (HasScope lets nobody else in)
        return token

    @property
    def cause(self) -> Cause:
        return Cause(f"api:{self.token.pk}")

    @property
    def by(self) -> By:
        """The caller as the till knows them."""
        return By(
            actor=f"token:{self.token.pk}",
            cause=self.cause,
            location_id=self.token.location_id,
            may_adjust=self.token.allows("adjust"),
        )

    def read(self, shape: type[Fields]) -> dict[str, Any]:
        """The body as `shape` understands it; raises what the handler shows as 400."""
        return read(shape, self.request.data)

    def asked(self, shape: type[Fields]) -> dict[str, Any]:
        """The same for the part of the address after the question mark."""
        given = self.request.query_params
        twice = [name for name in given if len(given.getlist(name)) > 1]
        if twice:
            raise Invalid({name: [_("Say it once.")] for name in twice})
        return read(shape, given.dict())


def read(shape: type[Fields], data: Any) -> dict[str, Any]:
    fields = shape(data=data)
    fields.is_valid(raise_exception=True)
    found: dict[str, Any] = fields.validated_data
    return found


class Nowhere(Endpoint):
    """Every address under /api/ that is not built."""

    schema = None
    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound
