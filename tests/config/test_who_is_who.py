"""Of two customers who are one person, or of one who is forgotten, no table is left behind."""

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model

from loyalty import cards, customers, merging
from loyalty.models import Customer, Program
from tests.cast import BY_STAFF, person
from tests.config.whole_life import MARKS, Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]

FOLLOWS = "is the other's from then on"
ENDS = "is gone: it is counted anew, or asked for anew"

# Every relation to a customer, and what becomes of it when they are merged into another. A new
# table says it here, and its owner does it (`merging.followers`).
FATES: dict[str, tuple[str, str]] = {
    "automations.Decision.customer": (FOLLOWS, "why somebody entered, or did not"),
    "automations.Journey.customer": (FOLLOWS, "of two in one thread the older goes on"),
    "integrations.Receipt.customer": (FOLLOWS, "its body is forgotten with them"),
    "loyalty.Card.customer": (FOLLOWS, "with all that is theirs by their cards"),
    "loyalty.Consent.customer": (FOLLOWS, "the history of both"),
    "loyalty.Coupon.customer": (FOLLOWS, "a code they were given"),
    "loyalty.CouponUse.customer": (FOLLOWS, "counts towards their limit"),
    "loyalty.Customer.merged_into": (FOLLOWS, "who was merged into them before"),
    "loyalty.Event.customer": (FOLLOWS, "what happened"),
    "loyalty.MagicLink.customer": (ENDS, "who reads that mail may ask for another"),
    "loyalty.Order.customer": (FOLLOWS, "what they bought"),
    "loyalty.Placement.customer": (ENDS, "the other is counted by what they have by then"),
    "loyalty.Referral.referred": (FOLLOWS, "once: who was brought twice keeps the second as is"),
    "loyalty.Referral.referrer": (FOLLOWS, "whom they have brought"),
    "loyalty.Review.customer": (FOLLOWS, "what they said"),
    "loyalty.RfmStanding.customer": (ENDS, "the other is counted by what they have by then"),
    "loyalty.SignIn.customer": (ENDS, "no browser shows what was somebody else's a moment ago"),
    "loyalty.Standing.customer": (ENDS, "the higher tier stays, in the other's row"),
    "messaging.Message.customer": (FOLLOWS, "what they were told, and will be"),
    "messaging.PushSubscription.customer": (FOLLOWS, "their browsers"),
}


@pytest.fixture
def shop(coffee: Program, aurora: Program, admin_user: User, now: datetime) -> Shop:
    return Shop(coffee, aurora, admin_user, now)


@pytest.fixture
def friend(coffee: Program, now: datetime) -> Customer:
    friend = person(now, email="fred@example.com", first_name="Fred")
    cards.issue(coffee, friend, cause=BY_STAFF, now=now)
    return friend


def relations() -> dict[str, tuple[type[Model], str]]:
    """Every field that points at a customer, by its name."""
    found = {}
    for relation in Customer._meta.related_objects:
        model = relation.related_model
        assert isinstance(model, type)
        found[f"{model._meta.label}.{relation.field.name}"] = (model, relation.field.name)
    return found


def test_every_relation_says_what_becomes_of_it() -> None:
    assert set(relations()) == set(FATES)


def test_what_points_at_a_customer_follows_or_ends(
    shop: Shop, friend: Customer, dora: Customer, now: datetime
) -> None:
    gone = shop.live(friend)
    older = person(now, email="older@example.com")
    merging.merge(older, gone, cause=BY_STAFF, now=now)
    before = {name: rows_of(name, gone) for name in FATES}
    assert [name for name, rows in before.items() if not rows] == []

    merging.merge(gone, dora, cause=BY_STAFF, now=now)

    after = {name: rows_of(name, gone) for name in FATES}
    assert {name: rows for name, rows in after.items() if rows} == {}
    lost = [
        name
        for name, (fate, _why) in FATES.items()
        if fate == FOLLOWS and not before[name] <= rows_of(name, dora)
    ]
    assert lost == []


def rows_of(name: str, customer: Customer) -> set[Any]:
    model, field = relations()[name]
    rows = model._default_manager.filter(**{field: customer})
    return set(rows.values_list("pk", flat=True))


# --- Forgetting -----------------------------------------------------------------------------------


def test_who_is_forgotten_is_named_nowhere(shop: Shop, friend: Customer, now: datetime) -> None:
    person = shop.live(friend)
    assert len(told_in()) > 15

    customers.erase(person, cause=BY_STAFF, now=now)

    assert told_in() == set()


def test_who_was_merged_first_is_named_nowhere(
    shop: Shop, friend: Customer, dora: Customer, now: datetime
) -> None:
    merging.merge(shop.live(friend), dora, cause=BY_STAFF, now=now)

    customers.erase(dora, cause=BY_STAFF, now=now)

    assert told_in() == set()


def told_in() -> set[str]:
    """Every column of every table in which somebody with MARK in their name is spoken of."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if not field.is_relation
        and any(mark in written(value) for value in values_of(model, field) for mark in MARKS)
    }


def values_of(model: type[Model], field: Any) -> list[Any]:
    return list(model._base_manager.values_list(field.name, flat=True))


def written(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace").casefold()
    return str(value).casefold()
