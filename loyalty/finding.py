"""Cards found by what customers say of themselves at the counter."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty import attempts
from loyalty.cleaning import is_storable
from loyalty.errors import Invalid, LoyaltyError
from loyalty.models import ApiToken, Card

SHORTEST = 3  # letters of a name
FEWEST_DIGITS = 4
LONGEST = 120
MOST = 20
MOST_SEARCHES, WINDOW = 60, timedelta(minutes=10)


class TooManySearches(LoyaltyError):
    """Too many searches; please wait."""

    code = "throttled"
    retry_after = int(WINDOW.total_seconds())


def count(token: ApiToken, *, now: datetime) -> None:
    """Note one search of that token; raises TooManySearches: nobody reads the whole file so."""
    if not attempts.allowed("search", str(token.pk), most=MOST_SEARCHES, window=WINDOW, now=now):
        raise TooManySearches


def cards(text: str) -> list[Card]:
    """At most twenty, by name: the beginning of each word of a name, a whole email, the last four
    digits (or more) of a phone number, a card's whole number or serial.

    Raises Invalid for what is too little to tell people apart. Expired cards are found too.
    """
    text = " ".join(text.split())
    if len(text) < SHORTEST or len(text) > LONGEST or not is_storable(text):
        raise Invalid({"search": [_("Type at least %d letters.") % SHORTEST]})
    rows = Card.objects.active().filter(_meant(text)).select_related("customer")
    return list(
        rows.order_by("customer__last_name", "customer__first_name", "customer_id", "pk")[:MOST]
    )


def _meant(text: str) -> Q:
    if "@" in text:
        return Q(customer__email=text.casefold())
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    if digits and not any(letter.isalpha() for letter in text):
        return _numbered(digits)
    named = Q()
    for word in text.split(" "):
        named &= _begins("first_name", word) | _begins("last_name", word)
    return named | Q(serial=text)


def _numbered(digits: str) -> Q:
    if len(digits) < FEWEST_DIGITS:
        raise Invalid({"search": [_("Type at least %d digits.") % FEWEST_DIGITS]})
    # As dialled inside a country: 044 668 18 00 is +41 44 668 18 00.
    phone = Q(customer__phone__endswith=digits.lstrip("0") or digits)
    # Or the one that took its place when customers were merged, as where it is scanned.
    places = Card.objects.filter(number=digits).exclude(merged_into=None).values("merged_into")
    return phone | Q(number=digits) | Q(pk__in=places)


def _begins(field: str, word: str) -> Q:
    """SQLite knows large and small letters of ASCII only, so the usual spellings are asked for."""
    found = Q()
    for spelling in dict.fromkeys([word, word.lower(), word.upper(), word.capitalize()]):
        found |= Q(**{f"customer__{field}__istartswith": spelling})
    return found
