"""Pairing a device with the shop: a code that is shown once turns into a token, once."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from loyalty import tokens
from loyalty.cleaning import cleaned, integer, text
from loyalty.errors import NotFound
from loyalty.models import ApiToken, Location, Pairing
from loyalty.models.token import LONGEST_REST, USUAL_REST
from loyalty.secrets import digest

# Ten of these are 49 random bits; nobody confuses one with another when reading it aloud.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10
LIFE = timedelta(minutes=10)

CLEANERS = {"name": text(120, required=True), "kiosk_minutes": integer(0, LONGEST_REST)}


def offer(
    name: str,
    location: Location,
    *,
    is_kiosk: bool = False,
    kiosk_minutes: int = USUAL_REST,
    now: datetime,
) -> tuple[Pairing, str]:
    """An invitation that is good for ten minutes, and its code, which nobody can show again.

    Raises Invalid. Each call makes another; those that are over are cleared away.
    """
    clean = cleaned({"name": name, "kiosk_minutes": kiosk_minutes}, CLEANERS)
    Pairing.objects.filter(token=None, expires_at__lte=now - LIFE).delete()
    code = "".join(secrets.choice(LETTERS) for _each in range(LENGTH))
    pairing = Pairing.objects.create(
        **clean,
        digest=digest(code),
        location=location,
        is_kiosk=is_kiosk,
        created_at=now,
        expires_at=now + LIFE,
    )
    return pairing, code


def claim(code: str, *, now: datetime) -> tuple[ApiToken, str]:
    """The token of the device that shows this code, and its plain text.

    Works once. NotFound for a code that is unknown, used or too old: they look the same.
    """
    with transaction.atomic():
        rows = Pairing.objects.select_for_update(no_key=True)
        pairing = rows.filter(digest=digest(typed(code)), token=None).first()
        if pairing is None or not pairing.is_open(now):
            raise NotFound
        token, plain = tokens.make_token(
            pairing.name,
            ["kiosk"] if pairing.is_kiosk else ["scanner"],
            pairing.location,
            kiosk_minutes=pairing.kiosk_minutes,
            now=now,
        )
        pairing.token = token
        pairing.save(update_fields=["token"])
    return token, plain


def typed(code: str) -> str:
    """As it was shown, however it was typed: case, spaces and dashes make no difference."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def shown(code: str) -> str:
    """In two groups, as people read it."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"
