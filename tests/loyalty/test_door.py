"""Coming in by a mailed link: once, for a quarter of an hour, and only for whom it was mailed."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from loyalty import clock, customers, notices, sign_ins
from loyalty.errors import NotFound
from loyalty.models import MagicLink, SignIn
from loyalty.secrets import digest
from messaging.models import Message, Sender
from tests.cast import BY_STAFF
from tests.loyalty.mailbox import link, mails

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"


@pytest.fixture(autouse=True)
def _post(db):
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="hello@aurora.example", is_default=True
    )


def ask(email=ALICE):
    return Client().post("/c/", {"email": email})


def test_the_answer_is_the_same_whoever_asks(alice):
    known, unknown = ask(), ask("nobody@example.com")

    assert (known.status_code, unknown.status_code) == (200, 200)
    same = unknown.content.decode().replace("nobody@example.com", ALICE)
    assert known.content.decode() == same
    assert (len(mails(ALICE)), len(mails("nobody@example.com"))) == (1, 0)


def test_consent_to_marketing_is_not_asked(alice):
    customers.change(alice, {"consent": {"email": False}}, cause=BY_STAFF, now=clock.now())

    ask()

    assert [mail.purpose for mail in mails(ALICE)] == ["access"]


def test_the_link_opens_once(alice):
    ask()
    path = link(ALICE)
    browser = Client()

    looked = [browser.get(path).status_code for _twice in range(2)]
    came_in = browser.post(path)
    again = Client().post(path)

    assert looked == [200, 200]
    assert (came_in.headers["Location"], came_in.cookies["regulars_customer"]["path"]) == (
        "/c/",
        "/c/",
    )
    assert came_in.cookies["regulars_customer"]["httponly"]
    assert "Alice’s cards" in browser.get("/c/").content.decode()
    assert (again.status_code, "regulars_customer" in again.cookies) == (410, False)


def test_the_link_is_over_after_a_quarter_of_an_hour(alice):
    with time_machine.travel("2026-03-03T10:00Z", tick=False) as clock_on_the_wall:
        ask()
        path = link(ALICE)
        clock_on_the_wall.shift(timedelta(minutes=15))
        answer = Client().post(path)

    assert answer.status_code == 410
    assert "Ask for a new one" in answer.content.decode()


def test_an_address_gets_five_and_is_told_nothing(alice):
    answers = [ask() for _six in range(6)]

    assert {answer.content for answer in answers} == {answers[0].content}
    assert len(mails(ALICE)) == 5


def test_a_network_that_asks_for_very_many_waits(alice, monkeypatch):
    monkeypatch.setattr("loyalty.attempts.allowed", lambda what, *_who, **_: what == "letter")

    answer = ask()

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "too often" in answer.content.decode()
    assert mails(ALICE) == []


def test_nothing_that_opens_a_door_is_kept_readable(alice):
    ask()
    token = link(ALICE).split("/")[-2]
    browser = Client()
    cookie = browser.post(f"/c/in/{token}/").cookies["regulars_customer"].value

    assert not MagicLink.objects.filter(digest=token).exists()
    assert not SignIn.objects.filter(digest=cookie).exists()
    assert SignIn.objects.get().digest == digest(cookie)


def test_staff_are_not_shown_what_opens_a_door(alice, admin_client):
    ask()
    mail = mails(ALICE)[-1]
    token = link(ALICE).split("/")[-2]

    page = admin_client.get(f"/admin/messaging/message/{mail.pk}/change/").content.decode()
    preview = admin_client.get(f"/admin/messaging/message/{mail.pk}/preview/")

    assert token not in page
    assert preview.status_code == 404


def test_a_forged_form_signs_nobody_in(alice):
    ask()
    browser = Client(enforce_csrf_checks=True)

    assert browser.post(link(ALICE)).status_code == 403
    assert MagicLink.objects.count() == 1


def test_signing_out_ends_it_there_and_everywhere(alice):
    browsers = [Client(), Client()]
    for browser in browsers:
        ask()
        browser.post(link(ALICE))

    out = browsers[0].post("/c/out/")
    assert out.headers["Clear-Site-Data"]
    assert [("Sign out" in each.get("/c/").content.decode()) for each in browsers] == [False, True]

    browsers[1].post("/c/me/out/")
    assert not SignIn.objects.exists()
    assert browsers[1].get("/c/me/").status_code == 302


def test_a_browser_that_rests_half_a_year_is_signed_out(alice):
    with time_machine.travel("2026-03-03T10:00Z", tick=False) as clock_on_the_wall:
        plain = sign_ins.begin(alice, now=clock.now())
        clock_on_the_wall.shift(timedelta(days=179))
        assert sign_ins.who(plain, now=clock.now()) == alice
        clock_on_the_wall.shift(timedelta(days=181))
        with pytest.raises(NotFound):
            sign_ins.who(plain, now=clock.now())


def test_a_link_of_somebody_who_was_forgotten_opens_nothing(alice, now):
    ask()
    path = link(ALICE)

    customers.erase(alice, cause=BY_STAFF, now=now)

    assert Client().post(path).status_code == 410
    assert not MagicLink.objects.exists()


@pytest.mark.parametrize("email", ["", "nobody", "a\x00@example.com", "x" * 300])
def test_what_is_no_address_is_said(db, email):
    answer = ask(email)

    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_that_nobody_delivers_is_loud(alice, now, monkeypatch):
    monkeypatch.setattr(notices, "deliverers", [])

    with pytest.raises(RuntimeError, match="Nobody delivers"):
        sign_ins.ask(ALICE, network="", now=now)

    assert not MagicLink.objects.exists()
