"""What is known of a customer is theirs: to see, to change, to take along, to delete."""

import pytest
from django.test import Client

from loyalty import clock, sign_ins
from loyalty.models import Consent, Customer, Event, SignIn
from messaging.models import Message, Sender
from tests.loyalty.mailbox import link, mails

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"
KEPT = {"first_name": "Alice", "last_name": "Arnold", "language": "en"}


@pytest.fixture(autouse=True)
def _post(db, business):
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="hello@aurora.example", is_default=True
    )


@pytest.fixture
def hers(alice):
    """The browser in which Alice is signed in."""
    browser = Client()
    browser.cookies["regulars_customer"] = sign_ins.begin(alice, now=clock.now())
    return browser


PAGES = ("/c/me/", "/c/me/data.json", "/c/me/delete/")


@pytest.mark.parametrize("path", [*PAGES, "/c/me/email/", "/c/me/out/"])
def test_strangers_come_to_the_door(alice, path):
    stranger = Client()
    stranger.cookies["regulars_customer"] = "made-up"

    answer = stranger.post(path, {"email": "eve@example.com"})

    assert Customer.objects.get(pk=alice.pk).email == ALICE
    assert answer.status_code in (302, 405)
    assert stranger.get(PAGES[1]).headers["Location"] == "/c/"


def test_forms_of_other_sites_change_nothing(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["regulars_customer"] = sign_ins.begin(alice, now=clock.now())

    for path in ("/c/me/", "/c/me/email/", "/c/me/delete/", "/c/me/out/", "/c/out/"):
        assert browser.post(path, KEPT | {"first_name": "Eve"}).status_code == 403

    alice.refresh_from_db()
    assert (alice.first_name, SignIn.objects.count(), Message.objects.count()) == ("Alice", 1, 0)


def test_wishes_are_kept_with_their_words(hers, alice):
    answer = hers.post("/c/me/", KEPT | {"language": "de", "consent_sms": "on"})

    alice.refresh_from_db()
    assert answer.status_code == 302
    assert (alice.language, alice.consents["email"], alice.consents["sms"]) == ("de", False, True)
    rows = Consent.objects.filter(customer=alice, source="preferences").order_by("channel")
    assert [(row.channel, row.is_given, row.proof) for row in rows] == [
        ("email", False, "News and offers by email"),
        ("push", False, "News and offers as notifications"),
        ("sms", True, "News and offers by text message"),
    ]


def test_a_birthday_is_said_once(hers, alice):
    for day in ("1990-05-01", "1990-06-01"):
        hers.post("/c/me/", KEPT | {"birthday": day})

    alice.refresh_from_db()
    assert str(alice.birthday) == "1990-05-01"


@pytest.mark.parametrize(
    "said", [{"first_name": "x" * 200}, {"birthday": "soon"}, {"language": "klingon-but-longer"}]
)
def test_what_does_not_fit_changes_nothing(hers, alice, said):
    answer = hers.post("/c/me/", KEPT | {"consent_sms": "on"} | said)

    alice.refresh_from_db()
    assert answer.status_code == 422
    assert (alice.first_name, alice.language, "sms" in alice.consents) == ("Alice", "en", False)


def test_what_a_form_does_not_offer_is_not_taken(hers, alice):
    hers.post("/c/me/", KEPT | {"email": "eve@example.com", "external_id": "1", "tags": "vip"})

    alice.refresh_from_db()
    assert (alice.email, alice.external_id, alice.tags) == (ALICE, "", [])


def test_a_new_address_has_to_answer(hers, alice):
    hers.post("/c/me/email/", {"email": "Alice@New.example"})
    alice.refresh_from_db()
    assert alice.email == ALICE

    Client().post(link("alice@new.example"))

    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert mails(ALICE)[-1].subject == "Your address at Café Aurora was changed"


def test_an_address_of_somebody_else_is_not_told(hers, alice, dora):
    taken, free = (
        hers.post("/c/me/email/", {"email": email}).content.decode().replace(email, "")
        for email in ("dora@example.com", "free@example.com")
    )

    assert taken == free
    assert Client().post(link("dora@example.com")).status_code == 410
    alice.refresh_from_db()
    assert alice.email == ALICE


def test_nobody_floods_a_mailbox_through_us(hers, alice, coffee):
    """Five letters in a quarter of an hour, whatever was asked for and from how many networks."""
    told = {"first_name": "Eve", "email": "dora@new.example"}

    answers = [hers.post("/c/me/email/", {"email": "dora@new.example"}) for _each in range(4)]
    answers += [Client().post("/join/coffee/", told, REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]
    deletions = [hers.post("/c/me/delete/") for _each in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [302] * 4
    assert {answer.status_code for answer in deletions} == {200}
    assert (len(mails("dora@new.example")), len(mails(ALICE))) == (5, 5)


def test_all_that_is_known_is_a_file(hers, alice):
    answer = hers.get("/c/me/data.json")

    known = answer.json()
    assert 'filename="my-data.json"' in answer.headers["Content-Disposition"]
    assert known["contact"]["email"] == ALICE
    assert known["consents"][0]["channel"] == "email"
    assert {card["program"]: card["holds"] for card in known["cards"]} == {
        "coffee": {"stamps": 0, "rewards": 0},
        "aurora": {"points": 100},
    }
    assert known["cards"][1]["operations"][1]["changes"] == [
        {"unit": "points", "amount": 100, "after": 100}
    ]
    assert {"orders", "events", "messages", "journeys"} <= known.keys()


def test_deleting_is_confirmed_by_mail_and_told_once_more(hers, alice):
    hers.post("/c/me/delete/")
    alice.refresh_from_db()
    assert alice.erased_at is None

    path = link(ALICE)
    assert "Delete everything" in hers.get(path).content.decode()
    gone = hers.post(path)

    alice.refresh_from_db()
    assert alice.erased_at
    assert "Your data is deleted" in gone.content.decode()
    assert hers.get("/c/me/").status_code == 302
    assert Event.objects.filter(name="customer_deleted", customer=alice).count() == 1
    assert [mail.subject for mail in mails(ALICE)] == []
    goodbye = Message.objects.latest("pk")
    assert (goodbye.subject, goodbye.state, goodbye.to) == ("Your data was deleted", "sent", "")
    assert not any(ALICE in str(vars(message)) for message in Message.objects.all())
