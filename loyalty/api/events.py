"""Events from outside: what happened elsewhere, and what customers did."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, external
from loyalty.api import answers
from loyalty.api.endpoint import Endpoint, read
from loyalty.api.errors import TooLarge, refusal_of
from loyalty.api.fields import Data, Fields, Moment, Text
from loyalty.api.parsing import KIB
from loyalty.api.people import Person
from loyalty.api.schema import says
from loyalty.external import Accepted, External

MOST = 1_000


class EventBody(Fields):
    name = Text(help_text="Any name but those of the product's own events; up to 80 characters.")
    key = Text(help_text="The same key is the same event; up to 150 printable ASCII characters.")
    customer = Person()
    occurred_at = Moment(required=False, help_text="Usually: now.")
    data = Data(required=False, help_text="At most 16 kB.")  # type: ignore[assignment]  # hides Serializer.data


EventBodies = PolymorphicProxySerializer(
    component_name="EventOrEvents",
    serializers=[EventBody, EventBody(many=True)],
    resource_type_field_name=None,
    many=False,
)


class Events(Endpoint):
    scopes = {"POST": ("events",)}
    longest = 2 * KIB * KIB

    @says(
        "record_events",
        "Record an event, or up to 1,000",
        body=EventBodies,
        answers={202: answers.Accepted},
        refuses=["reserved_name", "key_reuse", "customer_conflict"],
    )
    def post(self, request: Request) -> Response:
        """A list is taken item by item: what cannot be taken is in `errors`, the rest is accepted.
        A single event that cannot be taken is refused."""
        if isinstance(request.data, list):
            return self._many(request.data)
        taken = self._accept([External(**self.read(EventBody))])
        for refused in taken.errors:
            raise refused.error
        return self._answer(taken, [])

    def _many(self, items: list[Any]) -> Response:
        if len(items) > MOST:
            raise TooLarge
        fit: list[External] = []
        errors: list[dict[str, Any]] = []
        for index, item in enumerate(items):
            try:
                fit.append(External(index=index, **read(EventBody, item)))
            except ValidationError as problem:
                errors.append(error(index, problem))
        taken = self._accept(fit)
        errors += [error(refused.index, refused.error) for refused in taken.errors]
        return self._answer(taken, sorted(errors, key=lambda each: each["index"]))

    def _accept(self, items: list[External]) -> Accepted:
        scope = f"token:{self.token.pk}"
        return external.accept(items, scope=scope, cause=self.cause, now=clock.now())

    def _answer(self, taken: Accepted, errors: list[dict[str, Any]]) -> Response:
        body = {"accepted": taken.accepted, "duplicates": taken.duplicates, "errors": errors}
        return Response(body, status=202)


def error(index: int, problem: Exception) -> dict[str, Any]:
    """Why one item of a list was not taken, with the fields in words."""
    refusal = refusal_of(problem)
    fields = [f"{name}: {' '.join(texts)}" for name, texts in refusal.fields.items()]
    return {"index": index, "code": refusal.code, "message": " ".join(fields) or refusal.message}
