"""From queued to sent, and who is not written to."""

from datetime import timedelta

import pytest

from loyalty import customers
from loyalty.causes import Cause
from messaging import dispatch
from messaging.dispatch import claims, sending
from messaging.errors import TemporaryFailure
from messaging.models import Message, Sender
from tests.messaging.carriers import Scripted, carrying, fails_with

BY_STAFF = Cause("staff:1")


# --- Sent -----------------------------------------------------------------------------------------


def test_a_queued_message_is_sent_with_its_values(alice, sender, say, now, business):
    message = say(alice)

    assert dispatch.due(now) == [0]
    assert dispatch.drain(0, now=now) == 1

    message.refresh_from_db()
    assert (message.state, message.to, message.attempts) == ("sent", "alice@example.com", 1)
    assert message.subject == "Well done, Alice"
    assert message.text.startswith("Your coffee is on us.")
    assert "Café Aurora" in message.html
    assert message.provider_id == "outbox:journey:1:1"
    assert (message.sender, message.sent_at, message.note) == (sender, now, "")
    assert dispatch.due(now) == []


def test_nothing_due_is_nothing_done(sender, now, db):
    assert dispatch.due(now) == []
    assert dispatch.drain(0, now=now) == 0


def test_a_message_is_not_sent_before_it_is_due(alice, sender, say, now):
    say(alice)

    assert dispatch.drain(0, now=now - timedelta(seconds=1)) == 0
    assert Message.objects.get().attempts == 0


def test_the_same_key_is_said_once(alice, sender, say, now):
    say(alice, subject="First")
    say(alice, subject="Second")

    dispatch.drain(0, now=now)
    dispatch.drain(0, now=now)

    assert [message.subject for message in Message.objects.all()] == ["First"]


def test_the_chosen_sender_speaks(alice, sender, scripted, say, now):
    message = say(alice, sender=scripted)

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert (message.sender, message.provider_id) == (scripted, "scripted-journey:1:1")


def test_many_messages_go_in_the_order_in_which_they_fell_due(alice, scripted, say, now):
    for n in range(25):
        say(alice, key=f"journey:{n:02}:1", sender=scripted)
    assert dispatch.due(now) == [0, 1]

    assert dispatch.drain(0, now=now, budget=60) == 25

    assert Scripted.sent == [f"journey:{n:02}:1" for n in range(25)]


def test_what_was_claimed_and_not_begun_is_given_back_when_time_is_up(alice, scripted, say, now):
    for n in range(4):
        say(alice, key=f"journey:{n}:1", sender=scripted)

    assert dispatch.drain(0, now=now, budget=0) == 1

    left = Message.objects.filter(state="queued")
    assert {(message.attempts, message.due_at) for message in left} == {(0, now)}
    assert left.count() == 3


# --- Not sent -------------------------------------------------------------------------------------


def refuse(message: Message, now, state: str, words: str) -> None:
    """Drain, and expect that nothing left."""
    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert (message.state, message.to, message.html, message.sent_at) == (state, "", "", None)
    assert words in message.note
    assert Scripted.sent == []


def test_without_consent_nothing_is_said(carol, scripted, say, now):
    refuse(say(carol, sender=scripted), now, "refused", "has not agreed")


def test_silence_is_no_consent(bob, scripted, say, now):
    refuse(say(bob, sender=scripted), now, "refused", "has not agreed")


def test_without_an_address_nothing_is_said(bob, scripted, say, now):
    customers.set_consent(bob, "email", True, source="till", cause=BY_STAFF, now=now)

    refuse(say(bob, sender=scripted), now, "refused", "no address")


def test_a_consent_withdrawn_while_the_message_waits_wins(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    customers.set_consent(alice, "email", False, source="her reply", cause=BY_STAFF, now=now)

    refuse(message, now, "refused", "has not agreed")


def test_a_consent_withdrawn_between_two_attempts_wins(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(TemporaryFailure("Busy.")))
    dispatch.drain(0, now=now)
    customers.set_consent(alice, "email", False, source="her reply", cause=BY_STAFF, now=now)

    dispatch.drain(0, now=now + timedelta(minutes=1))

    message.refresh_from_db()
    assert message.state == "refused"
    assert Scripted.sent == []


def test_a_consent_withdrawn_after_the_claim_wins(alice, scripted, say, now):
    say(alice, sender=scripted)
    [message] = claims.claim(now)
    customers.set_consent(alice, "email", False, source="her reply", cause=BY_STAFF, now=now)

    sending.handle(message, now)

    message.refresh_from_db()
    assert message.state == "refused"
    assert Scripted.sent == []


def test_somebody_erased_is_not_written_to_and_nothing_of_the_text_stays(
    alice, sender, scripted, say, now
):
    read, waiting = say(alice), say(alice, key="journey:2:1", sender=scripted)
    Message.objects.filter(pk=waiting.pk).update(due_at=now + timedelta(days=1))
    dispatch.drain(0, now=now)

    customers.erase(alice, cause=BY_STAFF, now=now)
    dispatch.drain(0, now=now + timedelta(days=1))

    read.refresh_from_db()
    waiting.refresh_from_db()
    assert (read.state, waiting.state) == ("sent", "refused")
    assert Scripted.sent == []
    for message in (read, waiting):
        assert (message.names, message.to, message.subject) == ({}, "", "")
        assert (message.text, message.html) == ("", "")


def test_without_a_sender_it_fails_and_says_so(alice, say, now):
    refuse(say(alice), now, "failed", "no active sender for email")


def test_a_sender_switched_off_sends_nothing(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Sender.objects.filter(pk=scripted.pk).update(is_active=False)

    refuse(message, now, "failed", "“Scripted” is switched off")


def test_a_default_sender_switched_off_is_not_used(alice, scripted, say, now):
    Sender.objects.filter(pk=scripted.pk).update(is_active=False, is_default=True)

    refuse(say(alice), now, "failed", "no active sender")


def test_a_carrier_that_is_gone_is_named(alice, scripted, say, now):
    carrying(scripted, "pigeon")

    refuse(say(alice, sender=scripted), now, "failed", "pigeon")


def test_a_carrier_with_incomplete_settings_says_which(alice, scripted, say, now):
    carrying(scripted, "smtp")

    refuse(say(alice, sender=scripted), now, "failed", "Server, Port, Encryption")


@pytest.mark.parametrize("body", ["{{ oh", "{% for a in b %}{% endfor %}", "{{ 'x' | upper: 1 }}"])
def test_a_text_that_cannot_be_read_fails_with_a_reason(alice, scripted, say, now, body):
    refuse(say(alice, sender=scripted, body=body), now, "failed", "Line 1 cannot be read")
