"""The join page: a card at once, and nobody learns who was here before."""

import time
from datetime import timedelta

import pytest
from django.test import Client

from loyalty import attempts, cards, clock, customers
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.models import Card, Consent, Customer, Event, Program, Storefront
from loyalty.programs.gift import GiftProgram
from messaging.models import Sender
from tests.cast import give
from tests.loyalty.mailbox import link, mails

pytestmark = pytest.mark.django_db

ADDRESS = "/join/coffee/"


@pytest.fixture(autouse=True)
def _post(db, business):
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="hello@aurora.example", is_default=True
    )


def join(client, **said):
    return client.post(ADDRESS, {"first_name": "Nadia", "email": "nadia@example.com"} | said)


def test_a_stranger_has_a_card_at_once(client, coffee):
    answer = join(client)

    card = Card.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/c/{card.link.key}/?new")
    assert (card.program_id, card.customer.email) == (coffee.pk, "nadia@example.com")
    page = client.get(answer.url).content.decode()
    assert "Coffee card" in page
    assert "Nadia" in page
    assert [mail.subject for mail in mails("nadia@example.com")] == ["Your card at Café Aurora"]


def test_consent_is_kept_with_the_words_that_were_shown(client, coffee):
    Storefront.objects.create(program=coffee, email_consent="Yes, write to me.")

    join(client, consent_email="on")

    row = Consent.objects.get()
    assert (row.channel, row.is_given) == ("email", True)
    assert (row.source, row.proof) == ("join:coffee", "Yes, write to me.")


def test_silence_is_no_consent(client, coffee):
    join(client)

    assert not Consent.objects.exists()
    assert not Customer.objects.get().consents_to("email")


def test_a_known_address_is_answered_like_any_other(client, coffee, alice):
    before = {name: getattr(alice, name) for name in ("first_name", "email", "phone", "consents")}

    answers = [
        Client().post(ADDRESS, {"first_name": "Eve", "email": email, "consent_email": "on"})
        for email in ("alice@example.com", "new@example.com")
    ]

    pages = [client.get(answer.headers["Location"]).content.decode() for answer in answers]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [sorted(answer.headers) for answer in answers] == [sorted(answers[0].headers)] * 2
    assert not any(answer.cookies.get("regulars_customer") for answer in answers)
    assert "alice@example.com" not in pages[0]
    assert "Arnold" not in pages[0]
    assert "0 stamps" in pages[0]
    assert [pages[0].count(word) for word in ("<form", "<li", "<p")] == [
        pages[1].count(word) for word in ("<form", "<li", "<p")
    ]
    alice.refresh_from_db()
    assert {name: getattr(alice, name) for name in before} == before
    assert alice.cards.count() == 2


def test_both_take_as_long(client, coffee, alice):
    def seconds(email):
        began = time.monotonic()
        Client().post(ADDRESS, {"first_name": "Eve", "email": email})
        return time.monotonic() - began

    assert min(seconds("alice@example.com"), seconds("new@example.com")) >= 0.3


def test_the_owner_of_the_address_comes_to_their_own_card(client, coffee, alice):
    join(client, email="Alice@Example.com")
    stand_in = Customer.objects.latest("pk")

    path = link("alice@example.com")
    assert "Was that you?" in client.get(path).content.decode()
    answer = client.post(path, {"mine": ""}, follow=True)

    assert "Coffee card" in answer.content.decode()
    assert "100 points" in answer.content.decode()
    stand_in.refresh_from_db()
    assert stand_in.merged_into == alice
    assert alice.cards.filter(status="active").count() == 2


def test_the_code_that_was_shown_at_the_counter_goes_on_working(client, coffee, alice, now):
    """The number, the QR and the page of the card that was made first find the one that stayed."""
    shown = join(client, email="alice@example.com")
    card = Card.objects.latest("pk")
    give(card, 3, "three coffees", now)

    client.post(link("alice@example.com"), {"mine": ""})

    hers = alice.cards.get(program=coffee, status="active")
    assert card != hers
    assert cards.find(card.number) == cards.find(card.code) == hers
    assert "3 stamps" in Client().get(shown.url).content.decode()
    Client().post(f"/c/{card.link.key}/new-link/")
    assert Client().get(shown.url).status_code == 404


def test_a_program_that_is_new_to_them_comes_with_its_card(client, bob, coffee, now):
    customers.change(bob, {"email": "bob@example.com"}, cause=Cause("staff:1"), now=now)
    join(client, email="bob@example.com")
    card = Card.objects.get()

    client.post(link("bob@example.com"), {"mine": ""})

    assert cards.find(card.code).customer == bob
    bob.refresh_from_db()
    assert (bob.first_name, bob.external_id, bob.phone) == ("Bob", "bob", "")


def test_a_strangers_phone_number_finds_nobody_else(client, coffee, alice):
    """Whoever types an address and waits for a tap has no key to its owner's cards by that."""
    customers.change(alice, {"phone": ""}, cause=Cause("staff:1"), now=clock.now())
    Storefront.objects.create(program=coffee, first_name="no", phone="optional")

    client.post(ADDRESS, {"email": "alice@example.com", "phone": "+41446681811"})
    client.post(link("alice@example.com"), {"mine": ""})

    alice.refresh_from_db()
    assert (alice.phone, alice.external_id) == ("", "")
    assert customers.find(Who(phone="+41446681811")) is None


def test_what_was_given_to_somebody_else_stays_theirs(client, coffee, alice, now):
    from_stranger = join(client, email="alice@example.com")
    card = Card.objects.latest("pk")
    give(card, 3, "three coffees", now)

    answer = client.post(link("alice@example.com"), follow=True)

    assert "0 stamps" in answer.content.decode()
    assert cards.find(card.number).customer != alice
    assert "3 stamps" in Client().get(from_stranger.url).content.decode()


def test_a_known_phone_number_is_nobodys_key(client, coffee, alice):
    Storefront.objects.create(program=coffee, phone="optional")

    join(client, phone="+41446681800", email="eve@example.com")

    eve = Customer.objects.get(email="eve@example.com")
    assert (eve.pk == alice.pk, eve.phone) == (False, "")
    assert mails("alice@example.com") == []


def test_only_what_the_shop_chose_is_asked(client, coffee):
    Storefront.objects.create(
        program=coffee, first_name="no", email="no", birthday="required", email_consent=""
    )

    page = client.get(ADDRESS).content.decode()
    refused = client.post(ADDRESS, {"email": "sneaky@example.com"})
    taken = client.post(ADDRESS, {"birthday": "1990-05-01", "email": "sneaky@example.com"})

    assert [f'name="{name}"' in page for name in ("email", "birthday")] == [False, True]
    assert (refused.status_code, taken.status_code) == (422, 302)
    customer = Customer.objects.get()
    assert (customer.email, str(customer.birthday)) == ("", "1990-05-01")


@pytest.mark.parametrize(
    "said",
    [
        {"email": ""},
        {"email": "nobody"},
        {"first_name": "x" * 200},
        {"first_name": "a\x00b"},
        {"email": "a@b.example" * 40},
    ],
)
def test_what_does_not_fit_is_said_and_nobody_is_made(client, coffee, said):
    answer = join(client, **said)

    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not Customer.objects.exists()


def test_a_form_of_another_site_is_refused(coffee):
    client = Client(enforce_csrf_checks=True)

    assert join(client).status_code == 403
    assert not Customer.objects.exists()


@pytest.mark.parametrize("closed", ["inactive", "no strangers", "unknown", "paid for"])
def test_a_closed_door_looks_like_no_door(client, coffee, closed):
    address = ADDRESS
    match closed:
        case "inactive":
            Program.objects.update(is_active=False)
        case "no strangers":
            Storefront.objects.create(program=coffee, is_open=False)
        case "unknown":
            address = "/join/nothing/"
        case _:
            GiftProgram.objects.create(slug="gift", name="Gift card")
            address = "/join/gift/"

    answers = [client.get(address), client.post(address, {"email": "a@example.com"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "There is nothing here" in answers[0].content.decode()
    assert not Customer.objects.exists()


def test_a_network_that_joins_too_often_waits(client, coffee, monkeypatch):
    monkeypatch.setattr("loyalty.portal.join.MOST", 2)

    codes = [join(client, email=f"n{n}@example.com").status_code for n in range(3)]

    assert codes == [302, 302, 429]
    assert Customer.objects.count() == 2


def test_attempts_are_counted_anew_after_a_while(db, now):
    window = timedelta(minutes=15)
    let_in = [
        attempts.allowed("door", "a", most=2, window=window, now=now + timedelta(minutes=minutes))
        for minutes in (0, 1, 2, 14, 15, 16, 17)
    ]

    assert let_in == [True, True, False, False, True, True, False]
    assert attempts.allowed("door", "b", most=2, window=window, now=now)


def test_joining_is_news(client, coffee):
    join(client)

    facts = dict(Event.objects.order_by("pk").values_list("name", "cause"))
    assert facts == {"customer_created": "join:coffee", "card_issued": "join:coffee"}
