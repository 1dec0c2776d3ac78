"""Keys to the API: made, found, revoked. Of a token only its SHA-256 is kept."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty.cleaning import Cleaner, Unfit, choice, cleaned, text
from loyalty.models.location import Location
from loyalty.models.token import SCOPES, USUAL_REST, ApiToken
from loyalty.secrets import digest

SHOWN_CHARACTERS = 12
# When a token was used last is written at most this often.
USE_EVERY = timedelta(minutes=1)


def some_scopes(value: Sequence[str]) -> list[str]:
    if not value:
        raise Unfit(_("Choose at least one."))
    return [choice(*SCOPES)(scope) for scope in value]


CLEANERS: dict[str, Cleaner] = {"name": text(120, required=True), "scopes": some_scopes}


def make_token(
    name: str,
    scopes: Sequence[str],
    location: Location | None = None,
    *,
    kiosk_minutes: int = USUAL_REST,
    plain: str = "",
    now: datetime,
) -> tuple[ApiToken, str]:
    """A token and its plain text, which nobody can show again. Raises Invalid.

    `plain` is for a text that was derived elsewhere (the demo's); made before, it is left as it is.
    """
    clean = cleaned({"name": name, "scopes": scopes}, CLEANERS)
    plain = plain or f"reg_{secrets.token_urlsafe(32)}"
    token, _made = ApiToken.objects.get_or_create(
        digest=digest(plain),
        defaults=clean
        | {
            "prefix": plain[:SHOWN_CHARACTERS],
            "location": location,
            "kiosk_minutes": kiosk_minutes,
            "created_at": now,
        },
    )
    return token, plain


def find(plain: str, *, now: datetime) -> ApiToken | None:
    """The token of that text, unless it was revoked; notes that it was used."""
    token = ApiToken.objects.filter(digest=digest(plain), revoked_at=None).first()
    if token and (token.last_used_at is None or now - token.last_used_at >= USE_EVERY):
        # Of many at once one writes it down.
        since = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_EVERY)
        ApiToken.objects.filter(since, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def till_is_busy(now: datetime) -> bool:
    """Whether a scanner has asked for something within a minute or two."""
    used = ApiToken.objects.filter(last_used_at__gt=now - 2 * USE_EVERY, revoked_at=None)
    return any(token.allows("scanner") or token.allows("kiosk") for token in used)


def revoke(token: ApiToken, *, now: datetime) -> None:
    """From now on it opens nothing. May be repeated; the first moment counts."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
