"""The fields that conditions ask about and merge tags say: their names, types and words.

`Facts.value` (loyalty/facts.py) reads them from rows that are in memory, `conditions.as_q` in SQL.
A name is dotted: `customer.language`, `card.stamps`, `cards.aurora.points`, `event.amount`,
`customer.attributes.shoe_size`.
"""

import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from loyalty import field_types
from loyalty.events import Fact
from loyalty.field_types import (
    ANY,
    BOOLEAN,
    CHOICE,
    DATE,
    LIST,
    MOMENT,
    MONEY,
    NUMBER,
    TEXT,
    TIME,
    FieldType,
)
from loyalty.models import Program
from loyalty.models.order import OrderStatus
from loyalty.rfm.scheme import NAMES as RFM_NAMES

Label = str | Promise

# Units that are money, in minor units.
IN_CENTS = {"money", "spent"}

CARD_STATES: Mapping[str, Label] = {
    "active": _("active"),
    "expired": _("expired"),
    "blocked": _("blocked"),
    "deleted": _("deleted"),
}
WEEKDAYS: Mapping[str, Label] = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
}
# An attribute or key that starts with a digit would be an index on one of the two databases.
ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")
PATH = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,9}")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Field:
    """`source` is the column or property of the row it is read from (default: the name's last
    part), `unit` is set for what a card holds."""

    name: str
    type: FieldType
    label: Label
    source: str = ""
    unit: str = ""
    choices: Mapping[str, Label] = field(default_factory=dict, hash=False)
    is_ahead: bool = False  # `within_days` looks at the days to come

    @property
    def column(self) -> str:
        return self.source or self.name.rpartition(".")[2]


CUSTOMER = (
    Field("first_name", TEXT, _("first name")),
    Field("last_name", TEXT, _("last name")),
    Field("name", TEXT, _("full name")),
    Field("email", TEXT, _("email")),
    Field("phone", TEXT, _("phone")),
    Field("external_id", TEXT, _("external id")),
    Field("language", TEXT, _("language")),
    Field("time_zone", TEXT, _("time zone")),
    Field("birthday", DATE, _("birthday")),
    Field("created_at", MOMENT, _("day of joining")),
    Field("tags", LIST, _("tags")),
    Field("orders_count", NUMBER, _("number of paid orders")),
    Field("total_spent", MONEY, _("total spent")),
    Field("points", NUMBER, _("points on all cards")),
    Field("visits_count", NUMBER, _("number of visits")),
    Field("last_visit_at", MOMENT, _("day of the last visit")),
    Field("days_since_visit", NUMBER, _("days since the last visit")),
    Field("rfm", CHOICE, _("RFM segment"), choices=RFM_NAMES),
    Field("segments", LIST, _("segments")),
    Field("tier", TEXT, _("tier"), source="slug"),
    Field("tier_name", TEXT, _("name of the tier"), source="name"),
)
CARD = (
    Field("number", TEXT, _("card number")),
    Field("serial", TEXT, _("card serial")),
    Field("status", CHOICE, _("card status"), choices=CARD_STATES),
    Field("installed", BOOLEAN, _("card installed"), source="is_installed"),
    Field("issued_at", MOMENT, _("day of issue")),
    Field("expires_at", MOMENT, _("day of expiry"), is_ahead=True),
)
ORDER = (
    Field("key", TEXT, _("order key")),
    Field("platform", TEXT, _("order platform")),
    Field("status", CHOICE, _("order status"), choices=dict(OrderStatus.choices)),
    Field("currency", TEXT, _("order currency")),
    Field("subtotal", MONEY, _("order subtotal"), source="subtotal_cents"),
    Field("tax", MONEY, _("order tax"), source="tax_cents"),
    Field("total", MONEY, _("order total"), source="total_cents"),
    Field("refunded", MONEY, _("refunded of the order"), source="refunded_cents"),
    Field("placed_at", MOMENT, _("day of the order")),
    Field("total_line_items", NUMBER, _("number of order lines")),
    Field("total_quantity", NUMBER, _("quantity of the order")),
)
COUPON = (
    Field("code", TEXT, _("coupon code")),
    Field("offer", TEXT, _("what the coupon is good for")),
    Field("campaign", TEXT, _("coupon campaign")),
    Field("expires_at", MOMENT, _("end of the coupon"), is_ahead=True),
)
NOW = (
    Field("weekday", CHOICE, _("weekday"), choices=WEEKDAYS),
    Field("time", TIME, _("time of day")),
    Field("date", DATE, _("today's date")),
)


@cache
def unit_words() -> Mapping[str, Label]:
    """What cards can hold, in words."""
    every = (program.units.items() for program in Program.__subclasses__())
    return {unit: word for units in every for unit, word in units}


@cache
def units() -> Mapping[str, tuple[str, ...]]:
    """What cards can hold, each with the card types that hold it."""
    held: dict[str, tuple[str, ...]] = {}
    for program in Program.__subclasses__():
        for unit in program.units:
            held[unit] = (*held.get(unit, ()), program.type)
    return held


@cache
def card_fields() -> Mapping[str, Field]:
    own = {each.name: each for each in CARD}
    for unit, word in unit_words().items():
        kind = MONEY if unit in IN_CENTS else NUMBER
        own[unit] = Field(unit, kind, word, unit=unit)
    return own


BY_SUBJECT: Mapping[str, Mapping[str, Field]] = {
    subject: {each.name: each for each in rows}
    for subject, rows in (
        ("customer", CUSTOMER),
        ("order", ORDER),
        ("coupon", COUPON),
        ("now", NOW),
    )
}


def of_programs() -> dict[str, tuple[str, ...]]:
    """The slugs of all programs, each with the units its cards hold; asks the database."""
    return {program.slug: tuple(program.units) for program in Program.objects.all()}


def payload(fact: type[Fact]) -> dict[str, FieldType]:
    """The types of an event's own fields, from its dataclass."""
    hints = typing.get_type_hints(fact)
    return {each.name: _type_of(each.name, hints[each.name]) for each in dataclasses.fields(fact)}


def _type_of(name: str, hint: object) -> FieldType:
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    python = typing.get_origin(hint) if isinstance(typing.get_origin(hint), type) else None
    found = field_types.OF_PYTHON.get(python or (options[0] if options else hint), ANY)  # type: ignore[arg-type]  # what is no type is not found
    return MONEY if found is NUMBER and name.endswith("_cents") else found


@dataclass(frozen=True)
class FieldSet:
    """The fields that can have a value somewhere.

    `cards` are the programs' slugs with the units of each, `card` the units the journey's card may
    hold (empty: there is no card), `event` the payload of the event; None stands for "not known
    here": any slug, any unit, any key. `attributes` are the defined ones by the field's name; any
    other may be asked about as well. Without a moment nothing is asked of the clock; `has_coupon`
    says that a step before may have given one.
    """

    cards: Mapping[str, tuple[str, ...]] | None = None
    card: frozenset[str] | None = None
    event: Mapping[str, FieldType] | None = None
    attributes: Mapping[str, Field] = field(default_factory=dict)
    has_order: bool = True
    has_moment: bool = True
    has_coupon: bool = False

    def find(self, name: str) -> Field | None:
        """The field of that name; None where there is none."""
        subject, _dot, rest = name.partition(".")
        match subject:
            case "customer":
                return self.attributes.get(name) or _of_customer(rest)
            case "card":
                return self._of_card(rest)
            case "cards":
                return self._of_cards(rest)
            case "event":
                return self._of_event(rest)
            case "order" if not self.has_order:
                return None
            case "now" if not self.has_moment:
                return None
            case "coupon" if not self.has_coupon:
                return None
        return _named(BY_SUBJECT.get(subject, {}).get(rest), subject)

    def listed(self) -> Iterator[Field]:
        """Every field that can be chosen from a list; attributes that nobody defined and foreign
        keys are typed in."""
        for subject, rows in BY_SUBJECT.items():
            names = [f"{subject}.{name}" for name in rows]
            yield from (found for name in names if (found := self.find(name)))
        yield self._sure("customer.consent.email")
        yield from self.attributes.values()
        names = [name for name in card_fields() if self._of_card(name)]
        yield from (self._sure(f"card.{name}") for name in names)
        for slug, held in (self.cards or {}).items():
            names = [name for name in card_fields() if name not in units() or name in held]
            yield from (self._sure(f"cards.{slug}.{name}") for name in names)
        yield from (self._sure(f"event.{name}") for name in self.event or {})

    def _sure(self, name: str) -> Field:
        found = self.find(name)
        assert found is not None, name  # noqa: S101 (the names come from the same tables)
        return found

    def _of_card(self, rest: str) -> Field | None:
        if self.card is not None and (not self.card or (rest in units() and rest not in self.card)):
            return None
        return _named(card_fields().get(rest), "card")

    def _of_cards(self, rest: str) -> Field | None:
        slug, _dot, name = rest.partition(".")
        if not SLUG.fullmatch(slug) or (self.cards is not None and slug not in self.cards):
            return None
        if self.cards is not None and name in units() and name not in self.cards[slug]:
            return None
        found = _named(card_fields().get(name), f"cards.{slug}")
        label = format_lazy("{slug} {label}", slug=slug, label=found.label) if found else ""
        return dataclasses.replace(found, label=label) if found else None

    def _of_event(self, rest: str) -> Field | None:
        if self.event is not None and rest not in self.event:
            return None
        if not PATH.fullmatch(rest):
            return None
        known = (self.event or {}).get(rest, ANY)
        return Field(f"event.{rest}", known, _words(rest.removeprefix("data.")))


@lru_cache(maxsize=1024)
def _of_customer(rest: str) -> Field | None:
    group, _dot, name = rest.partition(".")
    if group == "attributes" and ATTRIBUTE.fullmatch(name):
        return Field(f"customer.{rest}", ANY, _words(name))
    if group == "consent" and ATTRIBUTE.fullmatch(name):
        label = format_lazy(_("consent to {channel}"), channel=name)
        return Field(f"customer.{rest}", BOOLEAN, label)
    return _named(BY_SUBJECT["customer"].get(rest), "customer")


def _named(found: Field | None, subject: str) -> Field | None:
    return found and dataclasses.replace(found, name=f"{subject}.{found.name}", source=found.column)


def _words(name: str) -> str:
    return re.sub(r"[_.]+", " ", name)


# Everything a condition may name anywhere; a step reads its own stored condition with it.
EVERYTHING = FieldSet(has_coupon=True)
