"""The PassKit web service, asked by a fake phone: register, list, fetch, unregister, log."""

from datetime import timedelta

import pytest
import time_machine

from loyalty import cards, clock
from loyalty.models import Device, Event, Pass, Registration
from loyalty.models.wallet import Wallet
from loyalty.wallet import links, passes
from loyalty.wallet.apple import phones
from tests.cast import BY_STAFF, give
from tests.loyalty.staff import errors, page
from tests.wallets.phone import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def phone(wallet_keys, coffee_card, client, time) -> Phone:
    """Dora's; it has just opened her coffee card."""
    phone = Phone("d0d0", "aa11")
    phone.open(client.get(links.to_apple(coffee_card)))
    return phone


def facts(card) -> list[str]:
    told = Event.objects.filter(card_id=card.pk, name__contains="installed")
    return list(told.order_by("pk").values_list("name", flat=True))


def test_a_phone_that_registers_has_installed_the_card(phone, coffee_card):
    assert phone.register() == 201

    coffee_card.refresh_from_db()
    assert coffee_card.is_installed
    event = Event.objects.get(name="card_installed")
    assert event.data == {"program": "coffee", "where": "apple"}
    assert (event.card_id, event.customer_id) == (coffee_card.pk, coffee_card.customer_id)


def test_it_is_told_once_for_each_device(phone, coffee_card):
    assert [phone.register(), phone.register()] == [201, 200]
    assert phone.unregister() == 200
    assert phone.register() == 201

    assert facts(coffee_card) == ["card_installed", "card_uninstalled"]


def test_a_phone_sees_what_was_earned(phone, coffee_card, time):
    phone.register()
    phone.changed()
    phone.fetch()
    time.shift(timedelta(hours=1))
    phone.changed()
    assert phone.fetch() == 304
    assert phone.changed() == []

    give(coffee_card, 3, "three", clock.now())

    assert phone.changed() == [coffee_card.serial]
    assert phone.fetch() == 200
    assert phone.kept.said()["stamps"] == "3 / 10"
    assert phone.fetch() == 304


def test_two_changes_in_a_second_are_two_changes(phone, coffee_card):
    phone.register()
    for number in (1, 2, 3):
        give(coffee_card, 1, f"stamp {number}", clock.now())
        assert phone.fetch() == 200
        assert phone.kept.said()["stamps"] == f"{number} / 10"


def test_a_change_that_was_long_under_way_is_not_missed(phone, coffee_card, time):
    phone.register()
    began = clock.now()
    time.shift(timedelta(seconds=5))
    phone.changed()
    phone.fetch()

    give(coffee_card, 1, "long under way", began)

    assert phone.changed() == [coffee_card.serial]
    assert phone.fetch() == 200


def test_what_changed_before_it_was_kept_is_fetched_after(phone, coffee_card):
    give(coffee_card, 1, "between the two", clock.now())

    phone.register()

    assert phone.fetch() == 200
    assert phone.kept.said()["stamps"] == "1 / 10"


@pytest.mark.parametrize("wrong", [{"token": "x" * 40}, {"serial": "nobody"}, {"token": "é"}])
def test_without_the_secret_nothing_is_done(phone, coffee_card, wrong):
    assert phone.register(**wrong) == 401
    assert phone.fetch(**wrong) == 401
    assert phone.unregister(**wrong) == 401

    assert facts(coffee_card) == []
    assert not Registration.objects.exists()


def test_another_cards_secret_opens_nothing(phone, coffee, alice, client):
    other = Phone("a1a1", "bb22")
    other.open(client.get(links.to_apple(alice.cards.get(program=coffee))))

    assert phone.fetch(token=other.kept.document["authenticationToken"]) == 401


def test_a_phone_that_unregisters_is_told_nothing_more(phone, coffee_card, time):
    phone.register()

    assert phone.unregister() == 200
    assert phone.unregister() == 200

    assert facts(coffee_card) == ["card_installed", "card_uninstalled"]
    assert not Device.objects.exists()
    assert phone.changed() == []
    give(coffee_card, 1, "later", clock.now())
    assert not passes.waiting(clock.now() + timedelta(days=1)).exists()


def test_one_of_two_phones_goes(phone, coffee_card, time):
    watch = Phone("e0e0", "cc33")
    watch.kept = phone.kept
    phone.register()
    watch.register()

    phone.unregister()

    assert Pass.objects.get().is_kept
    assert watch.changed() == [coffee_card.serial]
    assert phone.changed() == []


def test_a_new_push_token_takes_the_old_ones_place(phone):
    phone.register()
    phone.push_token = "dd44"

    assert phone.register() == 200

    assert Device.objects.get().push_token == "dd44"


def test_a_card_that_was_deleted_becomes_void_on_the_phone(phone, coffee_card):
    phone.register()

    cards.delete(coffee_card, cause=BY_STAFF, now=clock.now())

    assert phone.fetch() == 200
    assert phone.kept.document["voided"] is True
    assert "barcodes" not in phone.kept.document
    assert set(phone.kept.said()) == {"gone"}
    assert phone.unregister() == 200


def test_a_lost_card_gets_its_new_code_on_the_phone(phone, coffee_card):
    phone.register()
    row = cards.replace(coffee_card, now=clock.now())

    phone.fetch()

    assert phone.kept.document["barcodes"][0]["message"] == row.code


def test_a_device_that_apple_knows_no_more_is_forgotten(phone, coffee_card):
    phone.register()

    phones.drop(Device.objects.get(), now=clock.now())

    assert not Device.objects.exists()
    assert facts(coffee_card) == ["card_installed", "card_uninstalled"]


def test_what_phones_complain_of_is_in_the_log(phone, caplog):
    assert phone.log("Bad signature\nERROR forged") == 200

    assert "A phone says: Bad signature ERROR forged" in caplog.messages


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"pushToken": 7}', '{"pushToken": "../x"}', "[" * 9000]
)
def test_a_registration_that_cannot_be_read_is_refused(phone, body):
    path = f"/wallet/apple/v1/devices/d0d0/registrations/x/{phone.kept.document['serialNumber']}"
    token = phone.kept.document["authenticationToken"]

    answer = phone.client.post(
        path, body, "application/json", headers={"Authorization": f"ApplePass {token}"}
    )

    assert answer.status_code == 400
    assert not Registration.objects.exists()


def test_cards_that_are_in_no_wallet_cost_a_posting_nothing(
    wallet_keys, coffee_card, now, django_assert_num_queries
):
    passes.of(coffee_card, Wallet.APPLE, now=now)
    with django_assert_num_queries(0):
        passes.note_change([], now=now)
    give(coffee_card, 1, "one", now)

    assert Pass.objects.get().due_at is None


def test_a_program_that_looks_different_does_so_on_the_phone(phone, coffee, admin_client):
    phone.register()
    phone.fetch()
    form = admin_client.get(page("stampprogram_change", coffee.pk)).context["adminform"].form
    said = {name: "" if value is None else value for name, value in form.initial.items()}
    rows = {
        f"{rows}-{what}_FORMS": 0
        for rows in ("rewards", "happy_hours", "storefront")
        for what in ("TOTAL", "INITIAL")
    }

    answer = admin_client.post(
        page("stampprogram_change", coffee.pk), said | rows | {"color": "#112233"}
    )

    assert answer.status_code == 302, errors(answer)
    assert phone.fetch() == 200
    assert phone.kept.document["backgroundColor"] == "rgb(17, 34, 51)"


def test_a_business_with_another_name_has_it_on_the_phone(phone, admin_client):
    phone.register()
    phone.fetch()
    said = {"name": "Bar Boreal", "time_zone": "UTC", "currency": "USD", "address": ""}

    answer = admin_client.post(page("business_change", 1), said)

    assert answer.status_code == 302, errors(answer)
    assert phone.fetch() == 200
    assert phone.kept.document["organizationName"] == "Bar Boreal"
