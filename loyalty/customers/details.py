"""What can be said of a customer, and the form in which it is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from loyalty.attributes import fit
from loyalty.cleaning import Cleaner, Unfit, cleaned, day, json_object, text, yes_or_no
from loyalty.zones import validate_time_zone

# What a customer can say yes or no to.
CHANNELS = ("email", "sms", "push")

MOST_TAGS = 200
LONGEST_TAG = 60
MOST_ATTRIBUTES_BYTES = 16_384

E164 = re.compile(r"\+[1-9]\d{6,14}")
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")

_short = text(120)
_email = text(254)
_phone = text(40)
_language = text(12)
_tag = text(LONGEST_TAG, required=True)
_time_zone = text(64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What somebody says of a customer who may be new; as it was said, not yet made fit."""

    email: str = ""
    phone: str = ""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    birthday: date | str | None = None
    language: str = ""
    time_zone: str = ""
    tags: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, bool] = field(default_factory=dict)

    def clean(self) -> dict[str, Any]:
        """All of it made fit; raises Invalid."""
        return cleaned({name: getattr(self, name) for name in self.__slots__}, CLEANERS)


def email(value: Any) -> str:
    """Case-folded; "" is none."""
    address: str = _email(value).casefold()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise Unfit(_("This is not an email address.")) from None
    return address


def phone(value: Any) -> str:
    """E.164; "" is none. Without a leading + the country is unknown, so it is refused."""
    written = _phone(value)
    if not written:
        return ""
    try:
        number = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException:
        number = None
    formatted = ""
    if number is not None and phonenumbers.is_possible_number(number):
        form = phonenumbers.PhoneNumberFormat.E164
        formatted = str(phonenumbers.format_number(number, form))
    # The library lets some countries have more digits than E.164 does (15).
    if not E164.fullmatch(formatted):
        raise Unfit(_("This is not a phone number in international form, e.g. +41441234567."))
    return formatted


def language(value: Any) -> str:
    code: str = _language(value)
    if code and not LANGUAGE.fullmatch(code):
        raise Unfit(_("This is not a language, e.g. en or de-CH."))
    primary, dash, rest = code.partition("-")
    return primary.lower() + dash + rest


def time_zone(value: Any) -> str:
    name: str = _time_zone(value)
    if name:
        try:
            validate_time_zone(name)
        except ValidationError as problem:
            raise Unfit(problem.messages[0]) from None
    return name


def tag(value: Any) -> str:
    return str(_tag(value))


def tags(value: Any) -> list[str]:
    """Each once, in the order they came."""
    if not isinstance(value, list | tuple) or len(value) > MOST_TAGS:
        raise Unfit(_("This must be a list of at most %d.") % MOST_TAGS)
    return list(dict.fromkeys(tag(item) for item in value))


def channel(value: Any) -> str:
    if value not in CHANNELS:
        raise Unfit(_("Choose one of: %s.") % ", ".join(CHANNELS))
    return str(value)


def consent(value: Any) -> dict[str, bool]:
    """Channel → yes or no, for the channels that were spoken of."""
    if not isinstance(value, Mapping):
        raise Unfit(_("This must be an object."))
    return {channel(name): yes_or_no(given) for name, given in value.items()}


all_attributes = json_object(MOST_ATTRIBUTES_BYTES)


def attributes(value: Any) -> dict[str, Any]:
    """Those that the shop has defined are of their type; the others as they came."""
    return fit(all_attributes(value))


CONTACT: dict[str, Cleaner] = {
    "email": email,
    "phone": phone,
    "external_id": _short,
    "first_name": _short,
    "last_name": _short,
    "birthday": day,
    "language": language,
    "time_zone": time_zone,
    "attributes": attributes,
}
CLEANERS: dict[str, Cleaner] = CONTACT | {"tags": tags, "consent": consent}
