"""What the API refuses, in the one shape it refuses in: `{code, message, fields}`."""

import logging
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.utils.translation import gettext as _
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from loyalty.errors import LoyaltyError

logger = logging.getLogger(__name__)

# The one place that knows which refusal has which status.
STATUSES = {
    "invalid": 400,
    "unknown_field": 400,
    "key_required": 400,
    "amount_required": 400,
    "illegal_operation": 400,
    "reserved_name": 400,
    "unauthenticated": 401,
    "bad_signature": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "insufficient_balance": 409,
    "card_expired": 409,
    "already_redeemed": 409,
    "reward_unavailable": 409,
    "already_reversed": 409,
    "coupon_expired": 409,
    "coupon_unavailable": 409,
    "campaign_exhausted": 409,
    "already_reviewed": 409,
    "claim_over": 409,
    "claim_handled": 409,
    "customer_conflict": 409,
    "key_reuse": 409,
    "not_configured": 409,
    "too_soon": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "id_required": 422,
    "throttled": 429,
    "error": 500,
    "unavailable": 503,
}

# Seconds after which a database that was busy or away is worth another try.
TRY_AGAIN = 2


class KeyRequired(LoyaltyError):
    """Send an Idempotency-Key with this, so that it can be repeated safely."""

    code = "key_required"


class TooLarge(LoyaltyError):
    """That is more than fits into one request."""

    code = "too_large"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said to the caller; `headers` go with it."""

    code: str
    message: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return STATUSES[self.code]

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "fields": self.fields}


def handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler. What nobody foresaw is logged and answered with 500, as JSON too."""
    refusal = refusal_of(exc)
    if refusal.status >= 500:
        request = context.get("request")
        logger.error("The API failed: %s", type(exc).__name__, exc_info=exc)
        if refusal.code == "error":
            got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return Response(refusal.body, status=refusal.status, headers=refusal.headers)


def refusal_of(exc: Exception) -> Refusal:
    """How the API says that exception."""
    match exc:
        case LoyaltyError() if exc.code in STATUSES:
            return _of_ours(exc)
        case exceptions.ValidationError():
            return _of_fields(exc)
        case exceptions.APIException():
            return _of_http(exc)
        case SuspiciousOperation() | BadRequest() | DataError():
            return Refusal("invalid", _("Some of what was sent cannot be used."))
        case OperationalError() | InterfaceError():
            later = {"Retry-After": str(TRY_AGAIN)}
            return Refusal("unavailable", _("Busy; please try again."), headers=later)
    return Refusal("error", _("Something went wrong on our side."))


def not_found() -> Refusal:
    """One body for what is unknown, deleted, blocked, or at no address of ours."""
    return Refusal("not_found", _("There is no such thing."))


def _of_ours(exc: LoyaltyError) -> Refusal:
    if exc.code == "not_found":
        return not_found()
    seconds = getattr(exc, "retry_after", None)
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return Refusal(exc.code, exc.message, getattr(exc, "fields", {}), headers)


def _of_fields(exc: exceptions.ValidationError) -> Refusal:
    fields: dict[str, list[str]] = {}
    whole: list[str] = []
    code = "invalid"
    for error in flatten_errors(exc.detail):
        name = (error.attr or "").removesuffix(api_settings.NON_FIELD_ERRORS_KEY).rstrip(".")
        (fields.setdefault(name, []) if name else whole).append(error.detail)
        if error.code in STATUSES and code == "invalid":
            code = error.code
    message = " ".join(whole) or _("Some of what was sent cannot be used.")
    return Refusal(code, message, fields)


def _of_http(exc: exceptions.APIException) -> Refusal:
    match exc:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # One answer for no token, an unknown one and a revoked one.
            challenge = {"WWW-Authenticate": "Bearer"}
            return Refusal("unauthenticated", _("Send a valid token."), headers=challenge)
        case exceptions.PermissionDenied():
            return Refusal("forbidden", _("This token may not do that."))
        case exceptions.NotFound():
            return not_found()
        case exceptions.MethodNotAllowed():
            return Refusal("method_not_allowed", str(exc.detail))
        case exceptions.UnsupportedMediaType():
            return Refusal("unsupported_media_type", _("Send JSON, as application/json."))
    return Refusal("invalid", str(exc.detail))
