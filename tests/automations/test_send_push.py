"""The step `send_push`: to customers who asked for pushes on their card's page."""

import pytest
from django.urls import reverse

from automations import lint, portable
from automations.catalogue import catalogue
from automations.problems import Invalid
from loyalty import customers
from messaging import dispatch, subscriptions
from messaging.models import Message
from messaging.providers.webpush import public_key
from tests.automations.chains import runs
from tests.cast import BY_STAFF
from tests.messaging.browser_push import BrowserPush

PUSH = {
    "key": "p",
    "type": "send_push",
    "title": "Hello {{ customer.first_name }}",
    "text": "You have {{ card.stamps }} stamps at {{ business.name }}.",
    "url": "https://aurora.example/menu",
}


@pytest.fixture
def phone(httpserver, settings, dora, now):
    """Dora's, on which she allowed pushes."""
    settings.OUTBOUND_ALLOW = [f"{httpserver.host}:{httpserver.port}"]
    phone = BrowserPush(httpserver, trusted=public_key(subscriptions.sender()))
    subscriptions.subscribe(dora, phone.subscription, now=now)
    return phone


def test_it_appears_on_the_phone_with_the_values_of_its_tags(chain, scan, coffee_card, phone, now):
    chain(PUSH, publish=True)

    journey = scan(coffee_card)
    dispatch.drain(now=now)

    assert runs(journey) == [("done", "Queued")]
    [shown] = phone.shown
    assert (shown["title"], shown["url"]) == ("Hello Dora", "https://aurora.example/menu")
    assert shown["body"] == "You have 0 stamps at Café Aurora."
    message = Message.objects.get()
    assert (message.channel, message.key) == ("push", f"journey:{journey.pk}:0")


def test_who_has_asked_on_no_phone_is_skipped_with_a_note(chain, scan, coffee_card):
    chain(PUSH, publish=True)

    journey = scan(coffee_card)

    assert runs(journey) == [("skipped", "The customer has asked for pushes on no phone.")]
    assert not Message.objects.exists()


def test_consent_is_asked_for_when_it_is_sent(chain, scan, coffee_card, dora, phone, now):
    chain(PUSH, publish=True)
    scan(coffee_card)
    customers.set_consent(dora, "push", False, source="shop", cause=BY_STAFF, now=now)

    dispatch.drain(now=now)

    assert (Message.objects.get().state, phone.shown) == ("refused", [])


def test_it_counts_as_a_message_of_the_day(chain, scan, coffee_card, phone):
    chain(PUSH, PUSH | {"key": "q"}, limits={"messages_per_day": 1}, publish=True)

    journey = scan(coffee_card)

    assert [outcome for outcome, _note in runs(journey)] == ["done", "skipped"]


def test_a_document_says_it_as_it_was_drawn(chain):
    automation = chain(PUSH)

    [step] = portable.write(automation, automation.draft)["steps"]

    assert step == PUSH


@pytest.mark.parametrize("url", ["menu", "javascript:alert(1)", "//elsewhere.example", "https://"])
def test_what_is_no_address_is_refused(chain, url):
    with pytest.raises(Invalid) as refusal:
        chain({**PUSH, "url": url})

    assert set(refusal.value.fields) == {"steps[0].url"}


def test_what_never_has_a_value_is_found_before_publishing(chain, phone):
    automation = chain({**PUSH, "text": "{{ customer.shoe }}"})

    [problem] = lint.problems(automation.draft)

    assert (problem.step_key, "customer.shoe" in problem.text) == ("p", True)


def test_a_sender_that_is_switched_off_is_found_as_well(chain, phone):
    sender = subscriptions.sender()
    sender.is_active = False
    sender.save()

    [problem] = lint.problems(chain(PUSH).draft)

    assert problem.text == "The sender “Web push” is switched off."


def test_the_editor_shows_it_as_a_phone_does(chain, admin_client, dora, coffee_card):
    automation = chain(PUSH)
    page = reverse("admin:automations_automation_step_preview", args=(automation.pk, "p"))

    shown = admin_client.get(page, {"customer": dora.pk}).content.decode()

    assert "<h1>Hello Dora</h1>" in shown
    assert "You have 0 stamps" in shown
    assert "-- " not in shown


def test_the_catalogue_has_it(business):
    found = {each["type"]: each for each in catalogue()["steps"]}["send_push"]

    assert found["parameters"]["required"] == ["title", "text"]
