"""`pass.json`: what an Apple pass says (developer.apple.com, "Pass")."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loyalty import ledger
from loyalty.figures import Figure
from loyalty.models import Business, Card, Location, Pass
from loyalty.models.card import CardStatus
from loyalty.wallet import colours, images
from loyalty.wallet.apple.bundle import sealed
from loyalty.wallet.apple.identity import Identity

MOST_LOCATIONS = 10  # Apple looks at no more
WITH_STRIP = ("storeCard", "coupon", "eventTicket")  # the styles that have room for one
MOST_SECONDARY = 3  # with the end of the card


def build(kept_pass: Pass, identity: Identity, *, now: datetime) -> bytes:
    """The signed pass of a card as it is now."""
    card = kept_pass.card
    with translation.override(card.customer.language or settings.LANGUAGE_CODE):
        document = _document(kept_pass, identity, now)
    return sealed(document, _pictures(card, now), identity)


def _document(kept_pass: Pass, identity: Identity, now: datetime) -> dict[str, Any]:
    card, business = kept_pass.card, Business.get()
    program = card.program
    background = colours.of(program)
    ink = colours.on(background)
    document: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": identity.pass_type,
        "teamIdentifier": identity.team,
        "serialNumber": card.serial,
        "organizationName": business.name,
        "description": program.name,
        "logoText": program.name,
        "backgroundColor": colours.css(background),
        "foregroundColor": colours.css(ink),
        "labelColor": colours.css(colours.blend(ink, background, colours.QUIET)),
        "sharingProhibited": True,
        "webServiceURL": f"{settings.PUBLIC_BASE_URL}/wallet/apple",
        "authenticationToken": kept_pass.token,
        program.wallet_style: _fields(card, business, now),
    }
    if card.expires_at is not None:
        document["expirationDate"] = card.expires_at.isoformat(timespec="seconds")
    if card.state(now) == "active":
        document |= {"barcodes": [_barcode(card)], "locations": _places(program.name)}
    else:
        document["voided"] = True
    return document


def _barcode(card: Card) -> dict[str, str]:
    return {
        "format": "PKBarcodeFormatQR",
        "message": card.code,
        "messageEncoding": "iso-8859-1",
        "altText": card.number,
    }


def _places(program: str) -> list[dict[str, Any]]:
    """Near these a phone shows the pass by itself."""
    near = Location.objects.filter(latitude__isnull=False, longitude__isnull=False)
    return [
        {
            "latitude": float(place.latitude or 0),
            "longitude": float(place.longitude or 0),
            "relevantText": _("%(program)s at %(place)s")
            % {"program": program, "place": place.name},
        }
        for place in near[:MOST_LOCATIONS]
    ]


# --- Fields ---------------------------------------------------------------------------------------


def _fields(card: Card, business: Business, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Where a row of stamps is drawn the first figure stands above it, else in its place."""
    if card.status != CardStatus.ACTIVE:
        return {"primaryFields": [], "backFields": [_plain("gone", _("State"), _("Not valid"))]}
    held = ledger.held(card, now)
    first, *others = [_field(each) for each in card.program.figures(held, card)]
    shown = others[: MOST_SECONDARY - 1] + _end(card)
    place = "headerFields" if card.program.row(held) else "primaryFields"
    return {
        place: [first],
        "secondaryFields": shown,
        "auxiliaryFields": others[MOST_SECONDARY - 1 :],
        "backFields": _back(card, business, now),
    }


def _field(figure: Figure) -> dict[str, Any]:
    """A change of it is said on the locked screen; whole numbers are numbers to VoiceOver too."""
    value = figure.text if figure.currency or isinstance(figure.value, str) else figure.value
    return {
        "key": figure.key,
        "label": str(figure.label),
        "value": value,
        "changeMessage": f"{figure.label}: %@".replace("\n", " "),
    }


def _end(card: Card) -> list[dict[str, Any]]:
    if card.expires_at is None:
        return []
    return [
        {
            "key": "expires",
            "label": _("Valid until"),
            "value": card.expires_at.isoformat(timespec="seconds"),
            "dateStyle": "PKDateStyleMedium",
            "changeMessage": _("Valid until %s").replace("%s", "%@"),
        }
    ]


def _back(card: Card, business: Business, now: datetime) -> list[dict[str, Any]]:
    rewards = [each for each in card.program.offers if each.is_offered(now)]
    rows = [
        _plain("customer", _("Card of"), card.customer.name),
        _plain("number", _("Number"), card.number),
        _plain(
            "rewards", _("Rewards"), "\n".join(f"{each.name}: {each.price}" for each in rewards)
        ),
        _plain("benefits", _("Benefits"), card.plan.benefits if card.plan else ""),
        _plain("business", business.name, business.address),
    ]
    return [row for row in rows if row["value"]]


def _plain(key: str, label: str, value: str) -> dict[str, Any]:
    return {"key": key, "label": label, "value": value}


# --- Pictures -------------------------------------------------------------------------------------


def _pictures(card: Card, now: datetime) -> dict[str, bytes]:
    program, business = card.program, Business.get().name
    row = program.row(ledger.held(card, now)) if card.status == CardStatus.ACTIVE else None
    drawn = {}
    for density in images.DENSITIES:
        drawn["icon", density] = images.icon(program, business, images.ICON[0] * density)
        drawn["logo", density] = images.logo(program, business, density)
        strip = images.strip(program, row, density)
        if strip is not None and program.wallet_style in WITH_STRIP:
            drawn["strip", density] = strip
    return {images.name_at(*key): data for key, data in drawn.items()}
