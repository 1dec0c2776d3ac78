"""The same conditions as a filter on customers, for what stands in tables."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, assert_never

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Left, StrIndex, Trim
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Lookup,
)
from django.utils.translation import gettext as _

from loyalty import habits, totals, visits
from loyalty.conditions.json_values import (
    BooleanAt,
    DateAt,
    Holds,
    IsThere,
    ListAt,
    NumberAt,
    TextAt,
)
from loyalty.conditions.tree import AllOf, AnyOf, Leaf, Node, Not
from loyalty.errors import LoyaltyError
from loyalty.field_types import CHOICE, TEXT, Op
from loyalty.models import Account, Business, Card, Placement, RfmStanding, Standing
from loyalty.models.card import CardStatus

Comparable = Combinable | F


class NotInSQL(LoyaltyError):
    """Who matches can only be said when it happens."""

    code = "not_in_sql"


def as_q(node: Node, now: datetime) -> Q:
    """A filter on Customer that agrees with `holds`.

    Raises NotInSQL where the condition asks about the journey's card, event or order, or about the
    customer's clock: those are not known before somebody enters.
    """
    match node:
        case Leaf():
            return _leaf(node, now)
        case AllOf(nodes):
            return Q(*(as_q(below, now) for below in nodes))
        case AnyOf(nodes):
            return Q(*(as_q(below, now) for below in nodes), _connector=Q.OR)
        case Not(inner):
            return _not(as_q(inner, now))
    assert_never(node)


def _not(q: Q) -> Q:
    """SQL's NOT of NULL is NULL; here nothing is false, and its opposite true."""
    return ~Q(Case(When(q, then=True), default=False, output_field=BooleanField()))


OPPOSITE = {Op.IS_NOT: Op.IS, Op.HAS_NOT: Op.HAS}


def _leaf(leaf: Leaf, now: datetime) -> Q:
    if positive := OPPOSITE.get(leaf.op):
        return _not(_leaf(Leaf(leaf.field, positive, leaf.value), now))
    if leaf.op is Op.EXISTS and not leaf.value:
        return _not(_leaf(Leaf(leaf.field, Op.EXISTS, value=True), now))
    subject, _dot, rest = leaf.field.name.partition(".")
    group, _dot, name = rest.partition(".")
    match subject, group:
        case "customer", "attributes":
            return _attribute(leaf, name)
        case "customer", "tags":
            return Q(Holds(F("tags"), Value(leaf.value))) if leaf.op is Op.HAS else ~Q(tags=[])
        case "customer", "segments":
            theirs = Placement.objects.filter(customer=OuterRef("pk"))
            named = theirs.filter(segment__slug=leaf.value) if leaf.op is Op.HAS else theirs
            return Q(Exists(named))
        case "customer", _any:
            return Q(_test(_of_customer(leaf, name, now), leaf, now))
        case "cards", slug:
            return Q(_of_card(leaf, slug, now))
    raise NotInSQL(_("“%(name)s” is not known before somebody enters.") % {"name": leaf.field.name})


# What stands of a customer in a row of another table.
STANDINGS: Mapping[str, tuple[Any, str]] = {
    "rfm": (RfmStanding, "segment"),
    "tier": (Standing, "tier__slug"),
    "tier_name": (Standing, "tier__name"),
}


def _of_customer(leaf: Leaf, name: str, now: datetime) -> Comparable:
    match leaf.field.name.removeprefix("customer."):
        case standing if standing in STANDINGS:
            model, column = STANDINGS[standing]
            return Subquery(model.objects.filter(customer=OuterRef("pk")).values(column))
        case habit if habit in habits.NAMES:
            return _habit(habit, now)
        case "name":
            return Trim(Concat("first_name", Value(" "), "last_name"))
        case "points":
            held = (
                Account.objects.filter(
                    card__customer=OuterRef("pk"), card__status=CardStatus.ACTIVE, unit="points"
                )
                .order_by()
                .values("card__customer")
                .values(held=Sum("balance"))
            )
            return _or_nothing(held)
        case "orders_count" | "total_spent" as figure:
            currency = Business.objects.filter(pk=1).values("currency")[:1]
            ours = Coalesce(Subquery(currency), Value(Business().currency))
            return _or_nothing(
                totals.counted(ours).filter(customer_id=OuterRef("pk")).values(figure)
            )
    if leaf.field.name.startswith("customer.consent."):
        return Case(
            When(erased_at=None, then=Coalesce(BooleanAt("consents", name), Value(value=False))),
            default=False,
            output_field=BooleanField(),
        )
    return F(leaf.field.column)


def _habit(name: str, now: datetime) -> Comparable:
    match name:
        case "visits_count":
            return visits.count(Business.get().time_zone)
        case "days_since_visit":
            return visits.days_since(Business.get().time_zone, now)
    return visits.last()


def _or_nothing(figures: Any) -> Comparable:
    return Coalesce(Subquery(figures, output_field=IntegerField()), 0)


def _attribute(leaf: Leaf, name: str) -> Q:
    """An attribute has no type of its own: it is compared as what the condition's value is."""
    match leaf.op, leaf.value:
        case Op.EXISTS, _any:
            return Q(Exact(Coalesce(IsThere("attributes", name), Value(value=False)), Value(True)))
        case Op.HAS, wanted:
            return Q(Holds(ListAt("attributes", name), Value(wanted)))
        case Op.IN, tuple(each):
            leaves = [Leaf(leaf.field, Op.IS, one) for one in each]
            return Q(*(_attribute(one, name) for one in leaves), _connector=Q.OR)
        case _op, date() | (date(), date()):
            days = Leaf(leaf.field, leaf.op, _written(leaf.value))
            return Q(_test(DateAt("attributes", name), days, None))
        case _op, bool():
            return Q(_test(BooleanAt("attributes", name), leaf, None))
        case _op, str():
            return Q(_test(TextAt("attributes", name), leaf, None))
    return Q(_test(NumberAt("attributes", name), leaf, None))


def _written(value: Any) -> Any:
    """Days as JSON keeps them."""
    return tuple(map(_written, value)) if isinstance(value, tuple) else value.isoformat()


def _of_card(leaf: Leaf, slug: str, now: datetime) -> Exists:
    theirs = Card.objects.active().filter(customer=OuterRef(OuterRef("pk")), program__slug=slug)
    newest = Subquery(theirs.order_by("-issued_at", "-pk").values("pk")[:1])
    cards = Card.objects.filter(pk=newest)
    if leaf.field.unit:
        accounts = Account.objects.filter(card=newest, unit=leaf.field.unit)
        return Exists(accounts.filter(_test(F("balance"), leaf, now)))
    if leaf.field.column != "status":
        return Exists(cards.filter(_test(F(leaf.field.column), leaf, now)))
    state = Case(
        When(expires_at__lte=now, then=Value("expired")),
        default=Value("active"),
        output_field=CharField(),
    )
    return Exists(cards.filter(_test(state, leaf, now)))


LOOKUPS: Mapping[Op, type[Lookup]] = {
    Op.IS: Exact,
    Op.MORE: GreaterThan,
    Op.AT_LEAST: GreaterThanOrEqual,
    Op.LESS: LessThan,
    Op.AT_MOST: LessThanOrEqual,
}


def _test(held: Comparable, leaf: Leaf, now: datetime | None) -> Q:
    """The comparison itself; NULL or false where there is nothing to compare."""
    if lookup := LOOKUPS.get(leaf.op):
        return Q(lookup(held, Value(leaf.value)))
    return MORE_TESTS[leaf.op](held, leaf, now)


def _exists(held: Comparable, leaf: Leaf, now: datetime | None) -> Q:
    there = Q(IsNull(held, rhs=False))
    return there & ~Q(Exact(held, Value(""))) if leaf.field.type in (TEXT, CHOICE) else there


def _between(held: Comparable, leaf: Leaf, now: datetime | None) -> Q:
    low, high = leaf.value
    return Q(GreaterThanOrEqual(held, Value(low)), LessThanOrEqual(held, Value(high)))


def _in(held: Comparable, leaf: Leaf, now: datetime | None) -> Q:
    return Q(In(held, [Value(each) for each in leaf.value]))


def _contains(held: Any, leaf: Leaf, now: datetime | None) -> Q:
    """LIKE would ignore case on SQLite."""
    return Q(GreaterThan(StrIndex(held, Value(leaf.value)), 0))


def _starts_with(held: Any, leaf: Leaf, now: datetime | None) -> Q:
    return Q(Exact(Left(held, len(leaf.value)), Value(leaf.value)))


def _within(held: Comparable, leaf: Leaf, now: datetime | None) -> Q:
    assert now is not None  # noqa: S101 (only fields without a moment go without)
    reach = timedelta(days=leaf.value)
    low, high = (now, now + reach) if leaf.field.is_ahead else (now - reach, now)
    return Q(GreaterThanOrEqual(held, Value(low)), LessThanOrEqual(held, Value(high)))


MORE_TESTS: Mapping[Op, Callable[[Comparable, Leaf, datetime | None], Q]] = {
    Op.EXISTS: _exists,
    Op.BETWEEN: _between,
    Op.IN: _in,
    Op.CONTAINS: _contains,
    Op.STARTS_WITH: _starts_with,
    Op.WITHIN_DAYS: _within,
}
