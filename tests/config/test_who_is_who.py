"""Of two customers who are one person, or of one who is forgotten, no table is left behind."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model

from loyalty import cards, customers, imports, merging, personal_data
from loyalty.models import Customer, Import, ImportPart, Program
from tests.cast import BY_STAFF, person
from tests.config.whole_life import MARK, MARKS, Shop
from tests.loyalty import files

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


def test_lines_of_others_stay_in_a_file_that_waits(
    shop: Shop, friend: Customer, now: datetime
) -> None:
    customers.erase(shop.live(friend), cause=BY_STAFF, now=now)
    source = Import.objects.get()

    imports.start(source, now=now)
    files.worked(source, now)

    source.refresh_from_db()
    assert (source.state, source.made, source.refused, source.done) == ("finished", 1, 2, 3)
    assert Customer.objects.present().filter(email="otto@example.com").exists()
    assert told_in() == set()


def test_a_file_that_names_somebody_in_its_own_way_forgets_them_too(
    dora: Customer, now: datetime
) -> None:
    said = {"phone": "+12125550101", "external_id": "7"}
    customers.change(dora, said, cause=BY_STAFF, now=now)
    rows = [["External id", "Phone", "First name"], ["", "(212) 555-0101", "D."], ["7", "", "Dora"]]
    rows.append(["77", "", "Sven"])
    files.sent(files.csv_of(*rows), now)

    customers.erase(dora, cause=BY_STAFF, now=now)

    kept = ImportPart.objects.get().content
    assert [name in kept for name in ("D.", "Dora", "555", "Sven")] == [False, False, False, True]


def test_all_that_is_held_of_somebody_is_told_to_them(
    shop: Shop, friend: Customer, now: datetime
) -> None:
    """Whatever table speaks of them: each is in the answer, under a plain name."""
    person = shop.live(friend)

    told = personal_data.export(person.pk)

    assert json.loads(json.dumps(told)) == told
    assert told["friends"]["was_brought"]["state"] == "qualified"
    assert [each["state"] for each in told["friends"]["brought"]] == ["invited"]
    assert [each["state"] for each in told["presents"]] == ["delivered", "waiting"]
    assert told["coupon_codes"]["redeemed"][0]["code"] == told["coupon_codes"]["given"][0]["code"]
    assert told["groups"]["tier"]["name"] == "Gold"
    assert told["groups"]["segments"][0]["name"] == "All"
    assert told["groups"]["rfm"]["segment"]
    assert MARK in told["reviews"][0]["text"]
    assert MARK in told["told_by_other_systems"][0]["said"]
    assert len(told["sign_ins"]) == len(told["browsers"]) == 1
    by_program = {card["program"]: card for card in told["cards"]}
    assert by_program["coffee"]["in_wallets"][0]["is_there"]
    assert by_program["aurora"]["corrections"][0]["reason"] == f"{MARK} waited"
    assert {name for name, what in told.items() if not what} == set()


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
