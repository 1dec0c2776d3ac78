"""Draft and Working: what must be mended first, and what publishing and pausing do to people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from automations import lint, portable, publishing
from automations.models import Automation, Journey
from automations.models.journey import JourneyState
from automations.problems import Invalid
from automations.steps.send_email import SendEmail
from loyalty import events
from messaging.models import Sender
from tests.automations.conftest import move
from tests.cast import BY_STAFF

EXIT = {"key": "x", "type": "exit"}
TAG = {"key": "t", "type": "add_tag", "tag": "vip"}
WAIT = {"key": "w", "type": "wait", "for": "P1D"}


def email(subject="Hi", body="Ho"):
    return {"key": "m", "type": "send_email", "subject": subject, "body": body}


def accrue(**more):
    return {"key": "a", "type": "accrue", "unit": "points", "amount": 5, **more}


def only_if(tree):
    return {"key": "c", "type": "condition", "filter": tree}


def problems(automation):
    return [(found.step_key, found.text) for found in lint.problems(automation.draft)]


# --- What must be mended --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "document", "key", "words"),
    [
        ([EXIT], {"triggers": []}, "", "Choose what starts it."),
        ([], {}, "", "no steps yet"),
        ([EXIT, TAG], {}, "t", "Nobody comes here"),
        ([email("{{ custmer.first_name }}")], {}, "m", "custmer.first_name"),
        ([email(body="{{ card.money }}")], {}, "m", "card.money"),
        ([email(body="{{ business.secret }}")], {}, "m", "business.secret"),
        ([email(body="{{ order.total }}")], {}, "m", "order.total"),
        ([email(body="{% if %}")], {}, "m", ""),
        ([accrue()], {"trigger": "customer_created"}, "a", "Choose a program"),
        ([only_if(["order.total", ">", 1])], {}, "c", "order.total"),
        ([only_if(["event.amount", ">", 1])], {}, "c", "event.amount"),
        ([only_if(["card.stamps", ">", 1])], {"trigger": "order_paid"}, "c", "card.stamps"),
        ([only_if(["card.points", ">", 1])], {"programs": ["coffee"]}, "c", "card.points"),
        (
            [EXIT],
            {"trigger": "stamp_count_reached", "params": {"count": 11}},
            "",
            "its row is full with 10",
        ),
        (
            [EXIT],
            {
                "trigger": "stamp_count_reached",
                "params": {"count": 5},
                "programs": ["aurora"],
            },
            "",
            "None of the chosen programs",
        ),
    ],
)
def test_what_must_be_mended_is_said_at_its_step(chain, now, steps, document, key, words):
    automation = chain(*steps, **document)

    found = problems(automation)

    assert [(step, words in text) for step, text in found] == [(key, True)]
    with pytest.raises(Invalid) as refusal:
        publishing.publish(automation, now=now)
    assert set(refusal.value.fields) == {key}
    automation.refresh_from_db()
    assert (automation.mode, automation.live) == ("draft", None)
    assert automation.draft.published_at is None


@pytest.mark.parametrize(
    ("steps", "document"),
    [
        ([EXIT], {}),
        ([email("{{ customer.name }} {{ card.stamps }} {{ business.name }}")], {}),
        ([email(body="{{ event.anything }}")], {"trigger": "external_event", "name": "E"}),
        (
            [email(body="{{ order.total | money }} {{ event.total_cents }}")],
            {"trigger": "order_paid"},
        ),
        ([accrue()], {"trigger": "customer_created", "programs": ["aurora"]}),
        ([accrue(program="aurora")], {"trigger": "customer_created"}),
        ([only_if(["cards.aurora.points", ">", 1])], {"trigger": "order_paid"}),
        ([EXIT], {"trigger": "stamp_count_reached", "params": {"count": 10}}),
    ],
)
def test_a_sound_chain_can_be_published(chain, now, steps, document):
    if document.get("trigger") == "external_event":
        document = {**document, "params": {"names": ["booked"]}}

    automation = chain(*steps, **document)

    assert problems(automation) == []
    publishing.publish(automation, now=now)
    assert automation.is_working


def test_a_fork_whose_branches_all_leave_hides_what_is_behind_it(chain):
    both = {**only_if(["card.stamps", ">", 1]), "branches": {"yes": [EXIT], "no": []}}
    automation = chain(both, TAG)
    assert problems(automation) == []

    both["branches"]["no"] = [{"type": "exit"}]
    automation = chain(both, TAG)

    assert [key for key, _text in problems(automation)] == ["t"]


def test_an_email_needs_a_sender_that_is_switched_on(chain, shop):
    automation = chain(email())
    assert problems(automation) == []

    Sender.objects.update(is_active=False)
    assert [key for key, _text in problems(automation)] == ["m"]

    Sender.objects.all().delete()
    assert [key for key, _text in problems(automation)] == ["m"]


def test_a_program_that_has_gone_since_is_named(chain, coffee):
    automation = chain(only_if(["cards.coffee.stamps", ">", 1]))

    coffee.slug = "tea"
    coffee.save()

    assert problems(automation) == [("c", "“cards.coffee.stamps” never has a value here.")]


# --- Publishing -----------------------------------------------------------------------------------


def test_publishing_freezes_the_draft_and_sets_working(chain, now):
    automation = chain(email("Hi {{ customer.first_name }}"))

    version = publishing.publish(automation, by="staff:7", now=now)

    assert (automation.live, automation.draft, automation.mode) == (version, None, "working")
    assert (version.published_at, version.published_by) == (now, "staff:7")
    template = SendEmail.objects.get().template
    assert template
    assert template.subject == "Hi {{ customer.first_name }}"


def test_publishing_again_changes_nothing(chain, now):
    automation = chain(TAG, publish=True)

    version = publishing.publish(automation, now=now + timedelta(days=1))

    assert version.published_at == now
    assert automation.versions.count() == 1


def test_what_works_has_something_live(chain):
    automation = chain(TAG)

    with pytest.raises(IntegrityError), transaction.atomic():
        Automation.objects.filter(pk=automation.pk).update(mode="working")

    assert not Automation.objects.get(pk=automation.pk).is_working


def test_people_inside_finish_the_version_they_are_in(chain, coffee_card, dora, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)
    chain(WAIT, {**TAG, "tag": "new"}, publish=True)

    move(now + timedelta(days=1))
    scan(coffee_card, "two", now + timedelta(days=1))
    move(now + timedelta(days=2))

    dora.refresh_from_db()
    assert dora.tags == ["vip", "new"]
    assert automation.versions.count() == 2


# --- Deleting -------------------------------------------------------------------------------------


def test_deleting_ends_the_journeys_and_frees_the_slug(chain, coffee_card, now):
    automation = chain(WAIT, TAG, publish=True)
    scan(coffee_card, "one", now)

    publishing.delete_automation(automation, now=now)
    publishing.delete_automation(automation, now=now)

    journey = Journey.objects.get()
    assert (journey.state, journey.note) == (
        JourneyState.STOPPED,
        "The automation was deleted.",
    )
    assert (automation.mode, automation.deleted_at) == ("draft", now)
    again = chain(TAG)
    assert (again.slug, again.pk != automation.pk) == ("test", True)
    with pytest.raises(Invalid):
        publishing.publish(automation, now=now)
    assert portable.write(again)["slug"] == "test"


def scan(card, key, now):
    events.emit(
        events.CardScanned(),
        key=key,
        customer_id=card.customer_id,
        card_id=card.pk,
        cause=BY_STAFF,
        now=now,
    )
    move(now)
