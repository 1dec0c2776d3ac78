"""What staff may do about messages that did not go the usual way."""

from datetime import timedelta

import pytest

from loyalty import customers
from loyalty.causes import Cause
from loyalty.models import Customer
from messaging import dispatch
from messaging.errors import InDoubt
from messaging.models import Message
from tests.messaging.carriers import Scripted, fails_with

BY_STAFF = Cause("staff:1")


def in_state(alice: Customer, say, state: str, now) -> Message:
    message: Message = say(alice, key=f"journey:{state}:1")
    Message.objects.filter(pk=message.pk).update(
        state=state, attempts=6, token="old", note="Why.", due_at=now - timedelta(days=1)
    )
    return message


STATES = ["queued", "sending", "sent", "refused", "failed", "unknown"]


@pytest.mark.parametrize(
    ("verb", "from_state", "to_state"),
    [
        (dispatch.retry, "failed", "queued"),
        (dispatch.send_again, "unknown", "queued"),
        (dispatch.mark_sent, "unknown", "sent"),
    ],
)
def test_staff_settle_what_can_be_settled_and_nothing_else(
    alice, say, now, verb, from_state, to_state
):
    messages = {state: in_state(alice, say, state, now) for state in STATES}

    assert verb(Message.objects.all(), now=now) == 1

    for state, message in messages.items():
        message.refresh_from_db()
        assert message.state == (to_state if state == from_state else state)
        assert message.token == ("" if state == from_state else "old")


def test_what_staff_send_again_asks_for_consent_again(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(InDoubt("The line went dead.")))
    dispatch.drain(0, now=now)
    customers.set_consent(alice, "email", False, source="her reply", cause=BY_STAFF, now=now)

    dispatch.send_again(Message.objects.all(), now=now)
    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert message.state == "refused"
    assert Scripted.sent == []


def test_a_retried_message_has_all_its_attempts_again(alice, sender, say, now):
    message = in_state(alice, say, "failed", now)

    dispatch.retry(Message.objects.all(), now=now)
    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert (message.state, message.attempts, message.note) == ("sent", 1, "")


def test_a_test_mail_goes_past_the_outbox(scripted, business):
    assert dispatch.send_test(scripted, "staff@aurora.example").startswith("scripted-test:")

    assert Message.objects.count() == 0
