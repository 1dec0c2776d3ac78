"""Customers and cards found by what customers say of themselves at the counter, and by staff.

Everything here is the beginning of a column with an index, or a whole one of its values: a hundred
thousand customers are searched as fast as a hundred.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from loyalty import attempts
from loyalty.cleaning import is_storable
from loyalty.errors import Invalid, LoyaltyError
from loyalty.models import ApiToken, Card, Customer
from loyalty.models.card import CardQuerySet
from loyalty.models.customer import CustomerQuerySet
from loyalty.models.search_key import backwards, digits, folded

SHORTEST = 3  # letters of a name
FEWEST_DIGITS = 4
LONGEST = 120
MOST_WORDS = 8  # the others are not looked at
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
    """At most twenty, by name: the beginnings of a first and a last name, a whole email, the last
    four digits (or more) of a phone number however it is written, a card's whole number or serial.

    Raises Invalid for what is too little to tell people apart. Expired cards are found too.
    """
    text = " ".join(text.split())
    if len(text) < SHORTEST or len(text) > LONGEST or not is_storable(text):
        raise Invalid({"search": [_("Type at least %d letters.") % SHORTEST]})
    if "@" in text:
        people = Customer.objects.known_as(email=text.casefold())
    elif number := _digits(text):
        if len(number) < FEWEST_DIGITS:
            raise Invalid({"search": [_("Type at least %d digits.") % FEWEST_DIGITS]})
        people = _with_phone(number)
    else:
        people = _named(text)
    # One after the other: a condition on cards or customers would read both tables whole.
    found = [
        *_in_order(Card.objects.active().filter(customer__in=people)),
        *_in_order(_called(_digits(text) or text)),
    ]
    return _in_order_of_names(found)[:MOST]


def customers(text: str, among: QuerySet[Customer]) -> QuerySet[Customer]:
    """For staff, who may see them all: also by the beginning of an email, by their whole external
    id, and by fewer letters."""
    return among.filter(pk__in=_known_to_staff(text))


def held_by(text: str, among: QuerySet[Card]) -> QuerySet[Card]:
    """For staff: the card of that whole number or serial, else all cards of the customers found."""
    if not is_storable(text):
        return among.none()
    called = among.filter(_name_of_card(_digits(text) or text.strip()))
    return called if called.exists() else among.filter(customer_id__in=_known_to_staff(text))


# --- How ------------------------------------------------------------------------------------------


def _digits(text: str) -> str:
    """Those of a phone number or a card's; "" for what has letters. "(0)" is dialled inside the
    country only."""
    if any(letter.isalpha() for letter in text):
        return ""
    return digits(text.replace("(0)", ""))


def _with_phone(number: str) -> CustomerQuerySet:
    # As dialled inside a country: 044 668 18 00 is +41 44 668 18 00.
    ending = backwards(number.lstrip("0") or number)
    return Customer.objects.filter(phone_key__begins=ending)


def _named(text: str) -> CustomerQuerySet:
    """Each word begins a first or a last name, or all of it does ("van der Berg"), or some words
    begin the one and the rest the other ("Anna Maria van der Berg", "van der Berg, Anna Maria")."""
    words = [word.rstrip(",") for word in folded(text).split(" ")][:MOST_WORDS]
    if not words[0]:
        return Customer.objects.none()
    each = Q()
    for word in words:
        each &= _begins(first=word) | _begins(last=word)
    together = _begins(first=" ".join(words)) | _begins(last=" ".join(words))
    for place in range(1, len(words)):
        one, other = " ".join(words[:place]), " ".join(words[place:])
        together |= _begins(first=one, last=other) | _begins(first=other, last=one)
    return Customer.objects.filter(each | together if len(words) > 1 else each)


def _begins(**names: str) -> Q:
    """Keys end where their columns do."""
    return Q(**{f"{name}_key__begins": said[:LONGEST] for name, said in names.items()})


def _called(name: str) -> CardQuerySet:
    """The card of that number or serial, or the one that took its place when customers were merged,
    as where it is scanned."""
    found = Card.objects.filter(_name_of_card(name)).values_list("pk", "merged_into")
    return Card.objects.active().filter(pk__in=[into or pk for pk, into in found])


def _name_of_card(name: str) -> Q:
    return Q(number=name) | Q(serial=name)


def _known_to_staff(text: str) -> QuerySet[Customer, Any]:
    """Their numbers. Asked one by one, each with its index; an OR over them all is not."""
    text = " ".join(text.split())
    if not is_storable(text):
        return Customer.objects.none().values("pk")
    number = _digits(text)
    if len(number) >= FEWEST_DIGITS:
        found = [_with_phone(number)]
    else:
        found = [_named(text), Customer.objects.filter(email__begins=text.casefold())]
    found.append(Customer.objects.known_as(external_id=text))
    first, *others = (rows.order_by().values("pk") for rows in found)
    return first.union(*others)


def _in_order(rows: CardQuerySet) -> CardQuerySet:
    names = ("customer__last_name", "customer__first_name", "customer_id", "pk")
    return rows.select_related("customer").order_by(*names)[:MOST]


def _in_order_of_names(found: Iterable[Card]) -> list[Card]:
    each = {card.pk: card for card in found}
    return sorted(
        each.values(),
        key=lambda card: (
            card.customer.last_name, card.customer.first_name, card.customer_id, card.pk,
        ),
    )  # fmt: skip
