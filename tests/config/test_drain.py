"""`drain` does what is due until nothing is, and says what it did."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from automations import portable, publishing
from automations.models import Journey
from loyalty import customers
from loyalty.causes import Cause
from loyalty.customers import Details
from loyalty.models import Event
from messaging.models import Message, Sender

WELCOME = {
    "format": 1,
    "slug": "welcome",
    "name": "Welcome",
    "triggers": [{"type": "customer_created"}],
    "steps": [
        {"key": "settle", "type": "wait", "for": "P1D"},
        {"key": "hello", "type": "send_email", "subject": "Hello", "body": "Hello"},
    ],
}


def drain(*words: str) -> str:
    out = StringIO()
    call_command("drain", *words, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def newcomer(db, now, settings):
    """Somebody who just joined a shop that says welcome after a day."""
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="shop@example.com", is_default=True
    )
    settings.DEBUG = True
    publishing.publish(portable.read(WELCOME, now=now), now=now)
    details = Details(email="eve@example.com", consent={"email": True})
    return customers.join(details, cause=Cause("import"), now=now)[0]


@pytest.mark.django_db(transaction=True)
def test_nothing_due_is_said():
    assert drain() == "Nothing was due."
    assert json.loads(drain("--json")) == {"handled": {}, "left": []}


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_until_nothing_is_due(newcomer, now):
    entered = json.loads(drain("--json", "--now", now.isoformat()))
    early = drain("--now", (now + timedelta(hours=23)).isoformat())
    a_day_later = drain("--now", (now + timedelta(hours=25)).isoformat())

    assert entered == {
        "handled": {
            "automations.engine.pump.pump": Event.objects.count(),
            "loyalty.recounts.recount": 1,
        },
        "left": [],
    }
    assert early == "loyalty.recounts.recount: 1 row"
    assert Journey.objects.get().state == "finished"
    assert Message.objects.get().state == "sent"
    assert "messaging.dispatch.drain: 1 row" in a_day_later


@pytest.mark.django_db(transaction=True)
def test_in_production_no_time_is_pretended_without_force(newcomer, now, settings):
    settings.DEBUG = False

    with pytest.raises(CommandError) as refused:
        drain("--now", now.isoformat())
    assert refused.value.returncode == 2
    assert Event.objects.filter(entered_at=None).exists()

    drain("--now", now.isoformat(), "--force")
    assert not Event.objects.filter(entered_at=None).exists()


@pytest.mark.parametrize("moment", ["", "tomorrow", "2026-02-30T10:00:00Z", "10:00"])
def test_a_moment_that_is_none_is_refused(moment):
    with pytest.raises(CommandError) as refused:
        drain("--now", moment)

    assert refused.value.returncode == 2
