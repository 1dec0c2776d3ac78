"""Staff's pages: what they show, what they change through the verbs, and what they keep to
themselves."""

import json
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from loyalty import cards, orders, timeline, tokens
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import (
    ApiToken,
    Business,
    Card,
    Customer,
    Event,
    Operation,
    Order,
    Program,
)
from loyalty.orders import OrderData
from tests.cast import card_of, give
from tests.loyalty.staff import errors, page, seen

pytestmark = pytest.mark.django_db

SHOP = Cause("webhook:1")


def contact(**changes):
    said = {
        "first_name": "Zoë",
        "last_name": "Zimmer",
        "email": "zoe@example.com",
        "phone": "",
        "tags": "",
        "birthday": "",
        "language": "",
        "time_zone": "",
        "external_id": "",
        "attributes": "{}",
    }
    return said | changes


# --- Every page -----------------------------------------------------------------------------------


@pytest.fixture
def full_shop(alice, coffee, aurora, location, now):
    data = OrderData(
        key="shop:1", status="paid", customer=Who(id=alice.pk), total_cents=5_000, currency="USD"
    )
    orders.record(data, cause=SHOP, now=now)
    orders.refund("shop:1", "r1", 1_000, cause=SHOP, now=now)
    tokens.make_token("Till", ["scanner"], location, now=now)


@pytest.mark.parametrize(
    "model", [Customer, Card, Order, Program, Operation, Event, ApiToken, Business]
)
def test_every_page_opens(model, full_shop, admin_client, django_assert_max_num_queries):
    name = model._meta.model_name
    row = model.objects.order_by("pk").first()

    with django_assert_max_num_queries(30):
        listed = admin_client.get(page(f"{name}_changelist"), follow=True)
    shown = admin_client.get(page(f"{name}_change", row.pk), follow=True)

    assert listed.status_code == shown.status_code == 200


@pytest.mark.parametrize("model", [Order, Operation, Event])
def test_what_happened_can_only_be_read(model, full_shop, admin_client):
    name = model._meta.model_name
    row = model.objects.order_by("pk").first()

    assert admin_client.get(page(f"{name}_add")).status_code == 403
    assert admin_client.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    assert admin_client.post(page(f"{name}_change", row.pk), {"key": "x"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (ApiToken, "digest__startswith"),
        (Card, "code__startswith"),
        (Card, "customer__email__startswith"),
        (Customer, "attributes__contains"),
        (Operation, "fingerprint__startswith"),
        (Event, "data__contains"),
        (Order, "lines__contains"),
    ],
)
def test_a_list_cannot_be_asked_for_what_it_does_not_show(model, lookup, full_shop, admin_client):
    address = page(f"{model._meta.model_name}_changelist")

    assert admin_client.get(address, {lookup: "a"}).status_code == 400


def test_a_list_can_be_asked_for_what_it_offers(full_shop, admin_client, coffee):
    for model, lookup, value in (
        (Card, "program__id__exact", coffee.pk),
        (Card, "status__exact", "active"),
        (Customer, "created_at__gte", "2026-01-01 00:00+00:00"),
        (Event, "fact", "order_paid"),
        (Event, "fact", "external"),
    ):
        address = page(f"{model._meta.model_name}_changelist")
        assert admin_client.get(address, {lookup: value}).status_code == 200


# --- Customers ------------------------------------------------------------------------------------


def test_staff_add_a_customer_through_the_verb(admin_client, admin_user, business):
    said = contact(phone="+41 44 668 18 00", tags="vip, early", consent=["email"])

    admin_client.post(page("customer_add"), said)

    customer = Customer.objects.get()
    assert customer.phone == "+41446681800"
    assert customer.tags == ["vip", "early"]
    assert customer.consents == {"email": True}
    event = customer.events.get()
    assert (event.name, event.cause) == ("customer_created", f"staff:{admin_user.pk}")


def test_of_what_nobody_touched_nothing_is_said(alice, admin_client):
    """A no would last: it outweighs the yes of a later import, or of who they are merged with."""
    said = contact(first_name="Alicia", email=alice.email, consent=["email"])

    admin_client.post(page("customer_change", alice.pk), said)

    alice.refresh_from_db()
    assert alice.first_name == "Alicia"
    assert alice.consents == {"email": True}
    assert alice.consent_history.count() == 1
    assert not Event.objects.filter(name="consent_changed").exists()


def test_staff_change_a_customer_through_the_verb(alice, admin_client):
    said = contact(email="alice@example.com", language="de", tags="vip")

    answer = admin_client.post(page("customer_change", alice.pk), said)

    assert answer.status_code == 302
    alice.refresh_from_db()
    assert (alice.first_name, alice.language, alice.tags) == ("Zoë", "de", ["vip"])
    assert not alice.consents_to("email")
    told = set(alice.events.values_list("name", flat=True))
    assert {"customer_updated", "tag_added", "consent_changed"} <= told


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "carol@example.com"),
        ("phone", "044 668"),
        ("time_zone", "Mars"),
        ("tags", "x" * 61),
        ("attributes", "[1]"),
        ("attributes", json.dumps({"x": "\x00"})),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(field, value, alice, carol, admin_client):
    before = Event.objects.count()

    answer = admin_client.post(page("customer_change", alice.pk), contact(**{field: value}))

    assert set(errors(answer)) == {field}
    alice.refresh_from_db()
    assert alice.first_name == "Alice"
    assert Event.objects.count() == before


def test_a_customers_page_shows_cards_and_what_was_done(alice, aurora, admin_client):
    text = seen(admin_client.get(page("customer_change", alice.pk)))

    assert card_of(alice, aurora).number in text
    assert "100 points" in text


def test_other_apps_add_to_a_customers_page(alice, admin_client, monkeypatch):
    def told(customer, most):
        at = datetime(2026, 1, 5, tzinfo=UTC)
        return [timeline.Moment(at, "bolt", "Put on her hat", url="/admin/")]

    monkeypatch.setattr(timeline, "sources", [told])

    assert "Put on her hat" in seen(admin_client.get(page("customer_change", alice.pk)))


def test_forgetting_a_customer_says_what_it_does_and_erases(alice, admin_client):
    address = page("customer_delete", alice.pk)
    assert "Nothing brings them back" in seen(admin_client.get(address))

    admin_client.post(address, {"post": "yes"})

    alice.refresh_from_db()
    assert alice.erased_at
    assert alice.email == ""
    assert not LogEntry.objects.filter(object_repr__contains="Alice").exists()
    assert admin_client.get(page("customer_change", alice.pk)).status_code == 302


# --- Cards ----------------------------------------------------------------------------------------


def test_staff_issue_a_card_once(coffee, bob, admin_client):
    said = {"program": coffee.pk, "customer": bob.pk}

    first, second = (admin_client.post(page("card_add"), said, follow=True) for _twice in range(2))

    card = Card.objects.get()
    assert f"{card.number}</a>” was added successfully" in seen(first)
    assert "the customer has this card already" in seen(second)
    assert "added successfully" not in seen(second)
    assert set(card.accounts.values_list("unit", flat=True)) == {"stamps", "rewards"}
    assert card.events.filter(name="card_issued").count() == 1


def test_of_a_card_only_its_end_can_be_changed(coffee_card, admin_client, alice):
    said = {
        "expires_at_0": "2027-01-01",
        "expires_at_1": "12:00:00",
        "customer": alice.pk,
        "serial": "mine",
    }

    admin_client.post(page("card_change", coffee_card.pk), said)

    before = coffee_card.serial, coffee_card.customer_id
    coffee_card.refresh_from_db()
    assert coffee_card.expires_at is not None
    assert (coffee_card.serial, coffee_card.customer_id) == before


def test_a_deleted_card_keeps_its_ledger(coffee_card, admin_client, now):
    give(coffee_card, 3, "three", now)

    admin_client.post(page("card_delete", coffee_card.pk), {"post": "yes"})

    coffee_card.refresh_from_db()
    assert coffee_card.status == "deleted"
    assert Operation.objects.filter(card=coffee_card).count() == 2


def test_cards_are_blocked_and_unblocked_from_the_list(coffee_card, admin_client):
    for action, status in (("block", "blocked"), ("unblock", "active")):
        said = {"action": action, "_selected_action": [coffee_card.pk]}
        admin_client.post(page("card_changelist"), said)

        coffee_card.refresh_from_db()
        assert coffee_card.status == status


def test_what_a_verb_refuses_is_said(coffee, coffee_card, dora, admin_client, now):
    cards.block(coffee_card, now=now)
    cards.issue(coffee, dora, cause=SHOP, now=now)

    said = {"action": "unblock", "_selected_action": [coffee_card.pk]}
    answer = admin_client.post(page("card_changelist"), said, follow=True)

    assert "another active card" in seen(answer)
    coffee_card.refresh_from_db()
    assert coffee_card.status == "blocked"


def test_only_who_may_change_a_card_sees_its_qr(coffee_card, admin_client, client, viewer):
    address = page("card_change", coffee_card.pk)

    assert "QR code" in seen(admin_client.get(address))
    client.force_login(viewer)
    assert "QR code" not in seen(client.get(address))


@pytest.fixture
def viewer(django_user_model):
    viewer = django_user_model.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return viewer


@pytest.mark.parametrize("junk", ["x", "1e3", "-1", "９", "0" * 40])
def test_an_address_that_names_no_program_is_not_an_error(admin_client, aurora, junk):
    answer = admin_client.get(f"/admin/loyalty/program/{junk}/change/")

    assert answer.status_code in (302, 404)
