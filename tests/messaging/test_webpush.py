"""Pushes to browsers: asked for on the card's page, encrypted for one phone, signed by us."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.template import Context, Template

from loyalty import clock, customers
from loyalty.models import Consent
from messaging import dispatch, subscriptions, templates
from messaging.models import Message, PushSubscription, Sender
from messaging.outbox import Outbox
from tests.cast import BY_STAFF
from tests.messaging.browser_push import BrowserPush

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def parts(coffee_card, time):
    """What the card's page has for pushes."""
    page = Template("{% load wallets %}{% card_parts card %}").render(
        Context({"card": coffee_card})
    )
    return dict(re.findall(r'data-(address|key|token)="([^"]+)"', page))


@pytest.fixture
def phone(httpserver, settings, parts):
    settings.OUTBOUND_ALLOW = [f"{httpserver.host}:{httpserver.port}"]
    return BrowserPush(httpserver, trusted=parts["key"])


@pytest.fixture
def ask(client, parts):
    """The page's script speaks."""

    def ask(method, **body) -> int:
        said = json.dumps({"token": parts["token"], **body})
        answer = client.generic(method, parts["address"], said, content_type="application/json")
        return int(answer.status_code)

    return ask


TITLE = "Well done, {{ customer.first_name }}"


def push(customer, now, *, key="journey:1:1", url="", texts=(TITLE, "One is on us.")) -> Message:
    outbox = Outbox()
    outbox.say(
        key=key,
        customer_id=customer.pk,
        template_id=templates.freeze(*texts).pk,
        names={"customer.first_name": "Dora", "push url": url},
        sender_id=None,
        cause="journey:1",
        now=now,
        channel="push",
    )
    outbox.flush()
    dispatch.drain(now=now)
    return Message.objects.get(key=key)


def test_a_browser_shows_what_was_pushed(phone, ask, dora, now):
    assert ask("POST", subscription=phone.subscription) == 201

    message = push(dora, now, url="https://aurora.example/menu")

    assert message.state == "sent"
    [shown] = phone.shown
    assert shown["title"] == "Well done, Dora"
    assert shown["body"] == "One is on us."
    assert shown["url"] == "https://aurora.example/menu"
    assert phone.headers["Content-Encoding"] == "aes128gcm"
    assert phone.headers["Ttl"] == "86400"
    assert len(phone.headers["Topic"]) <= 32


def test_a_text_that_is_heavier_than_it_is_long_is_cut(phone, ask, dora, now):
    ask("POST", subscription=phone.subscription)

    party, menu = "\N{PARTY POPPER}", f"https://aurora.example/{'menu/' * 300}"

    message = push(dora, now, url=menu, texts=(party * 180, party * 500))

    assert message.state == "sent"
    [shown] = phone.shown
    assert (shown["title"], shown["url"]) == (party * 180, menu)
    assert 300 < len(shown["body"]) < 500
    assert shown["body"] == party * len(shown["body"])


def test_every_browser_of_the_customer_shows_it(phone, ask, httpserver, parts, dora, now):
    other = BrowserPush(httpserver, "b2", trusted=parts["key"])
    ask("POST", subscription=phone.subscription)
    ask("POST", subscription=other.subscription)

    push(dora, now)

    assert len(phone.shown) == len(other.shown) == 1
    assert phone.shown == other.shown


def test_to_subscribe_is_to_say_yes(phone, ask, dora):
    for _time in range(2):
        ask("POST", subscription=phone.subscription)

    dora.refresh_from_db()
    assert dora.consents_to("push")
    assert Consent.objects.filter(customer=dora, channel="push", is_given=True).count() == 1
    assert PushSubscription.objects.count() == 1


def test_the_last_browser_that_goes_is_a_no(phone, ask, httpserver, parts, dora, now):
    other = BrowserPush(httpserver, "b2", trusted=parts["key"])
    ask("POST", subscription=phone.subscription)
    ask("POST", subscription=other.subscription)

    assert ask("DELETE", endpoint=other.endpoint) == 204
    dora.refresh_from_db()
    assert dora.consents_to("push")
    assert ask("DELETE", endpoint=phone.endpoint) == 204

    dora.refresh_from_db()
    assert not dora.consents_to("push")
    assert push(dora, now).state == "refused"
    assert phone.shown == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(phone, ask, dora, now, status):
    ask("POST", subscription=phone.subscription)
    phone.status = status

    message = push(dora, now)

    assert not PushSubscription.objects.exists()
    assert (message.state, message.note) == (
        "failed", "No browser of the customer takes pushes any more."
    )  # fmt: skip


def test_a_busy_service_is_asked_again(phone, ask, dora, now):
    ask("POST", subscription=phone.subscription)
    phone.status = 503
    assert push(dora, now).state == "queued"

    phone.status = 201
    dispatch.drain(now=now + timedelta(minutes=1))

    assert Message.objects.get().state == "sent"
    assert len(phone.shown) == 1


def test_a_browser_reads_nothing_that_is_signed_by_others(phone, ask, dora, now):
    ask("POST", subscription=phone.subscription)
    phone.trusted = "other"

    assert push(dora, now).state == "failed"

    assert phone.shown == []


def test_an_address_inside_is_never_pushed_to(phone, ask, dora, now, settings):
    ask("POST", subscription=phone.subscription)
    settings.OUTBOUND_ALLOW = []

    message = push(dora, now)

    assert message.state == "failed"
    assert phone.shown == []


def test_the_same_message_twice_is_one_to_its_reader(phone, ask, dora, now):
    ask("POST", subscription=phone.subscription)
    push(dora, now)
    Message.objects.update(state="sending")

    dispatch.drain(now=now + timedelta(minutes=1))

    assert [shown["tag"] for shown in phone.shown] == [phone.shown[0]["tag"]] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://x.example/" + "x" * 1000},
        {"endpoint": "https://["},
        {"endpoint": "https://x.example/\ud800"},
        {"endpoint": "https://x.example/\0"},
        {"endpoint": 7},
        {"keys": None},
        {"keys": {"p256dh": "BAAA", "auth": "AAAA"}},
        {"keys": {"p256dh": "A" * 87, "auth": "A" * 22}},
    ],
)
def test_a_subscription_that_cannot_be_pushed_to_is_refused(phone, ask, changes):
    assert ask("POST", subscription=phone.subscription | changes) == 400
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("token", ["", "forged", "MQ:1abc:xxxx", "MQ:1abc:\ud800"])
def test_nobody_subscribes_for_somebody_else(phone, ask, client, parts, token):
    assert ask("POST", subscription=phone.subscription, token=token) == 404
    assert not PushSubscription.objects.exists()


def test_a_browser_that_never_came_may_go(phone, ask):
    assert ask("DELETE", endpoint="https://x.example/\ud800") == 204


def test_a_page_that_lay_open_too_long_is_asked_to_come_again(phone, ask, time):
    time.shift(timedelta(days=8))

    assert ask("POST", subscription=phone.subscription) == 404


def test_of_many_browsers_the_oldest_goes(httpserver, parts, dora, time):
    for number in range(subscriptions.MOST_BROWSERS + 2):
        one = BrowserPush(httpserver, f"b{number}")
        time.shift(timedelta(seconds=1))
        subscriptions.subscribe(dora, one.subscription, now=clock.now())

    left = PushSubscription.objects.order_by("pk")
    assert len(left) == subscriptions.MOST_BROWSERS
    assert left[0].endpoint.endswith("b2")


def test_who_is_erased_is_in_no_list(phone, ask, dora, now):
    ask("POST", subscription=phone.subscription)

    customers.erase(dora, cause=BY_STAFF, now=now)

    assert not PushSubscription.objects.exists()


def test_the_key_is_made_once_and_kept_secret(parts, coffee_card):
    first, second = subscriptions.sender(), subscriptions.sender()

    assert first.pk == second.pk
    assert Sender.objects.filter(channel="push").count() == 1
    assert first.settings["private_key"] not in json.dumps(parts)
