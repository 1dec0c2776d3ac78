"""What Google is told: a class for each program, an object for each card
(developers.google.com/wallet/reference/rest/v1, loyaltyclass and loyaltyobject)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from loyalty import addresses, ledger
from loyalty.figures import Figure
from loyalty.models import Business, Card, Program
from loyalty.money import decimals
from loyalty.wallet import colours

CALLBACK = "/wallet/google/callback/"
MICROS = 6  # digits after the point in which Google counts money
STATES = {"active": "ACTIVE", "expired": "EXPIRED"}
POINTS = ("loyaltyPoints", "secondaryLoyaltyPoints")


def class_id(issuer: str, program: Program) -> str:
    return f"{issuer}.{program.slug}"


def object_id(issuer: str, card: Card) -> str:
    return f"{issuer}.{card.serial}"


def serial_of(name: str) -> str:
    """The card's serial in an object's id."""
    return name.partition(".")[2]


def class_of(program: Program, issuer: str) -> dict[str, Any]:
    logo = addresses.whole("wallet_logo", program.slug)
    return {
        "id": class_id(issuer, program),
        "issuerName": Business.get().name,
        "programName": program.name,
        "programLogo": {"sourceUri": {"uri": logo}},
        "hexBackgroundColor": colours.hexadecimal(colours.of(program)),
        "reviewStatus": "UNDER_REVIEW",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "callbackOptions": {"url": f"{settings.PUBLIC_BASE_URL}{CALLBACK}"},
    }


def object_of(card: Card, issuer: str, *, now: datetime) -> dict[str, Any]:
    """The card as it is now; of one that nobody may use any more only that."""
    program, state = card.program, card.state(now)
    said: dict[str, Any] = {
        "id": object_id(issuer, card),
        "classId": class_id(issuer, program),
        "state": STATES.get(state, "INACTIVE"),
    }
    if state in {"blocked", "deleted"}:
        return said | {"accountName": "–", "accountId": "–", "barcode": None, "textModulesData": []}
    with translation.override(card.customer.language or settings.LANGUAGE_CODE):
        figures = program.figures(ledger.held(card, now), card)
        said |= {name: _points(each) for name, each in zip(POINTS, figures, strict=False)}
        said["textModulesData"] = [
            {"id": each.key, "header": str(each.label), "body": each.text}
            for each in figures[len(POINTS) :]
        ]
    said["accountId"] = card.number
    said["accountName"] = card.customer.name or card.number
    said["barcode"] = {"type": "QR_CODE", "value": card.code, "alternateText": card.number}
    if card.expires_at is not None:
        said["validTimeInterval"] = {"end": {"date": card.expires_at.isoformat()}}
    return said


def _points(figure: Figure) -> dict[str, Any]:
    """A whole number, money in millionths, or words."""
    balance: dict[str, Any] = {"string": figure.text}
    if isinstance(figure.value, int):
        balance = {"int": figure.value}
        if figure.currency:
            micros = figure.value * 10 ** (MICROS - decimals(figure.currency))
            balance = {"money": {"micros": str(micros), "currencyCode": figure.currency}}
    return {"label": str(figure.label), "balance": balance}
