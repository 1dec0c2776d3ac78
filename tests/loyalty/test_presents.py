"""Gift cards for somebody else: nobody hears of them before their day, then they arrive once."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from loyalty import calendar, customers, notices, presents
from loyalty.causes import Cause
from loyalty.errors import Forbidden, IllegalOperation, Invalid, KeyReuse
from loyalty.models import Card, Customer, Event, Present
from messaging.models import Message
from tests.cast import balances
from tests.loyalty import programs
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
EVE = datetime(2026, 12, 24, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def gift(business):
    return programs.make("gift")


def prepare(key="sale 1", now=NOW, **said):
    wish: dict[str, Any] = {
        "program": "gift",
        "amount": 5_000,
        "to_email": "Grace@example.com",
    } | said
    fingerprint = sha256(repr(sorted(wish.items(), key=str)).encode()).hexdigest()
    asked = presents.Wish(**{"giver": "Ada", "message": "Happy Christmas!", **wish})
    return presents.prepare(asked, key=key, fingerprint=fingerprint, actor="token:1", now=now)[0]


def pass_time(now):
    while calendar.due(now) and calendar.settle(0, now=now):
        pass


def test_before_its_day_there_is_no_card_and_nobody_is_told():
    prepare(deliver_at=EVE)

    pass_time(EVE - timedelta(seconds=1))

    assert not Card.objects.exists()
    assert not Customer.objects.exists()
    assert not Message.objects.exists()


def test_on_its_day_it_arrives_once_with_a_letter():
    present = prepare(deliver_at=EVE)

    pass_time(EVE)
    presents.deliver(present, now=EVE + timedelta(days=1))

    card = Card.objects.get()
    assert balances(card) == {"money": 5_000}
    assert (card.customer.email, card.customer.consents) == ("grace@example.com", {})
    letter = Message.objects.get()
    assert letter.customer == card.customer
    present.refresh_from_db()
    assert (present.state, present.card, present.delivered_at) == ("delivered", card, EVE)


def test_one_for_today_arrives_at_once():
    assert prepare().state == "delivered"


def test_whoever_is_known_already_stays_who_they_are(alice):
    before = alice.consents

    present = prepare(to_email=alice.email, to_name="Ally")

    alice.refresh_from_db()
    assert present.card.customer == alice
    assert (alice.first_name, alice.consents) == ("Alice", before)


def test_the_same_wish_is_one_present_and_another_under_its_key_is_refused():
    first = prepare(deliver_at=EVE)

    assert prepare(deliver_at=EVE) == first
    with pytest.raises(KeyReuse):
        prepare(deliver_at=EVE, amount=1)
    assert Present.objects.count() == 1


def test_a_cancelled_one_never_arrives():
    present = prepare(deliver_at=EVE)

    for _twice in range(2):
        presents.cancel(present, now=NOW)
    pass_time(EVE)
    presents.deliver(present, now=EVE)

    assert not Card.objects.exists()


def test_a_delivered_one_cannot_be_cancelled():
    present = prepare()

    with pytest.raises(Forbidden):
        presents.cancel(present, now=NOW)

    assert Present.objects.get().state == "delivered"


def test_one_that_cannot_be_delivered_says_why_and_may_be_tried_again(gift):
    present = prepare(deliver_at=EVE)
    gift.is_active = False
    gift.save()

    pass_time(EVE)
    present.refresh_from_db()
    assert (present.state, present.note) == ("failed", "This program is not active.")
    assert not Customer.objects.exists()

    gift.is_active = True
    gift.save()
    assert presents.deliver(present, now=EVE).state == "delivered"


def test_one_on_which_we_fail_stands_in_nobodys_way(monkeypatch):
    first, second = prepare("1", deliver_at=EVE), prepare("2", deliver_at=EVE)
    deliverers = notices.deliverers[:]

    def fails_first(letter, now):
        if letter.key == f"present:{first.pk}":
            raise ZeroDivisionError
        for deliver in deliverers:
            deliver(letter, now)

    monkeypatch.setattr(notices, "deliverers", [fails_first])
    pass_time(EVE)

    states = dict(Present.objects.values_list("pk", "state"))
    assert states == {first.pk: "failed", second.pk: "delivered"}
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"to_email": ""}, Invalid),
        ({"to_email": "grace"}, Invalid),
        ({"program": "nothing"}, Invalid),
        ({"deliver_at": NOW + timedelta(days=400)}, Invalid),
        ({"message": "x" * 501}, Invalid),
    ],
)
def test_what_cannot_be_a_present_is_refused(said, refusal):
    with pytest.raises(refusal):
        prepare(**said)

    assert not Present.objects.exists()


def test_only_gift_cards_are_sent_to_others(coffee):
    with pytest.raises(IllegalOperation):
        prepare(program=coffee.slug)


def test_a_forgotten_receiver_is_in_no_present():
    present = prepare()

    customers.erase(present.card.customer, cause=Cause("staff:1"), now=NOW)

    present.refresh_from_db()
    assert (present.to_email, present.message, present.giver) == ("", "", "")


def test_what_was_written_with_it_is_in_no_event():
    prepare()

    assert "Christmas" not in str(list(Event.objects.values_list("data", flat=True)))


def test_staff_prepare_deliver_and_cancel(admin_client, gift):
    form = {
        "program": gift.pk,
        "amount": "20.00",
        "to_email": "grace@example.com",
        "deliver_at_0": "2030-12-24",
        "deliver_at_1": "18:00",
    }
    refused = admin_client.post(page("present_add"), form)
    assert "A year from now at most." in seen(admin_client.get(refused.url))

    admin_client.post(page("present_add"), form | {"deliver_at_0": "2020-01-01"})

    assert balances(Card.objects.get()) == {"money": 2_000}
    assert "Delivered" in seen(admin_client.get(page("present_changelist")))
