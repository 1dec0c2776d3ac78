"""How a device without a token gets one."""

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import attempts, clock, pairings
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Fields, Text
from loyalty.errors import NotFound
from loyalty.guesses import MOST, WINDOW, TooManyGuesses


class PairBody(Fields):
    code = Text(max_length=40)


class Pair(Endpoint):
    """`{code}` → 201 `{token}`, once. After 60 wrong codes in ten minutes, whoever sent them, the
    next wrong one is answered with 429; a right one always works."""

    schema = None
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        code, now = self.read(PairBody)["code"], clock.now()
        try:
            _token, plain = pairings.claim(code, now=now)
        except NotFound:
            if not attempts.allowed("pairing", "", most=MOST, window=WINDOW, now=now):
                raise TooManyGuesses(int(WINDOW.total_seconds())) from None
            raise
        return Response({"token": plain}, status=201)
