"""From queued to sent, and everything that can come between."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from loyalty import customers
from loyalty.causes import Cause
from loyalty.models import Customer
from messaging import dispatch
from messaging.dispatch import claims, sending
from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure
from messaging.models import Message, Sender
from tests.messaging.carriers import PowerCutError, Scripted, fails_with

BY_STAFF = Cause("staff:1")


def carrying(sender: Sender, provider: str) -> Sender:
    sender.provider = provider
    sender.save()
    return sender


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


# --- Failures -------------------------------------------------------------------------------------


def test_a_temporary_failure_is_tried_again_later_and_later(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script[:] = [fails_with(TemporaryFailure("The server is busy."))] * 99
    delays = []

    for _attempt in range(sending.MOST_ATTEMPTS):
        before = now
        assert dispatch.drain(0, now=before) == 1
        message.refresh_from_db()
        now = message.due_at
        delays.append((now - before).total_seconds())
        assert dispatch.due(now - timedelta(seconds=1)) == []

    for delay, planned in zip(delays, sending.DELAYS, strict=False):
        assert planned <= delay <= planned * (1 + sending.JITTER)
    assert (message.state, message.attempts) == ("failed", 6)
    assert message.note == "Given up after 6 attempts. The server is busy."
    assert Scripted.sent == []


def test_it_is_sent_once_the_carrier_is_back(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(TemporaryFailure("The server is busy.")))
    dispatch.drain(0, now=now)

    dispatch.drain(0, now=now + timedelta(minutes=1))

    message.refresh_from_db()
    assert (message.state, message.attempts, message.note) == ("sent", 2, "")


def test_a_permanent_failure_is_final(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(PermanentFailure("No such mailbox.")))

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert (message.state, message.note) == ("failed", "No such mailbox.")
    assert dispatch.due(now + timedelta(days=9)) == []


def test_what_may_have_arrived_is_not_sent_again_by_itself(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(InDoubt("The line went dead.")))

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert message.state == "unknown"
    assert "The line went dead. It may have arrived" in message.note
    assert dispatch.due(now + timedelta(days=9)) == []


def test_a_bug_sets_one_message_aside_and_the_rest_goes_on(alice, scripted, say, now, caplog):
    bad = say(alice, key="journey:1:1", sender=scripted)
    good = say(alice, key="journey:2:1", sender=scripted)
    Scripted.script.append(fails_with(ZeroDivisionError("oh")))

    assert dispatch.drain(0, now=now) == 2

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("unknown", "sent")
    assert f"Message {bad.pk} could not be handled." in caplog.text
    assert "alice@example.com" not in caplog.text


def test_a_bug_before_anything_left_is_tried_again(alice, scripted, say, now, settings):
    message = say(alice, sender=scripted)
    settings.REGULARS_KEYS = [Fernet.generate_key().decode()]  # nobody can read the settings

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert (message.state, message.to) == ("queued", "")
    assert message.due_at > now
    assert Scripted.sent == []


# --- Crashes and leases ---------------------------------------------------------------------------


def crash_while_sending(message: Message, now) -> None:
    Scripted.script.append(fails_with(PowerCutError()))
    with pytest.raises(PowerCutError):
        dispatch.drain(0, now=now)
    message.refresh_from_db()
    assert message.state == "sending"


def test_a_crash_while_sending_leaves_it_in_doubt(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    crash_while_sending(message, now)
    assert dispatch.drain(0, now=now + claims.LEASE - timedelta(seconds=1)) == 0

    assert dispatch.drain(0, now=now + claims.LEASE) == 1

    message.refresh_from_db()
    assert message.state == "unknown"
    assert "broken off while this was being sent" in message.note
    assert message.subject == "Well done, Alice"
    assert Scripted.sent == []


def test_a_crash_while_sending_to_a_carrier_that_knows_keys_is_sent_again(
    alice, scripted, say, now
):
    message = say(alice, sender=carrying(scripted, "repeatable"))
    crash_while_sending(message, now)

    dispatch.drain(0, now=now + claims.LEASE)

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)
    assert Scripted.sent == [message.key]


def test_a_crash_before_sending_is_tried_again(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    claims.claim(now)  # and the process is gone

    dispatch.drain(0, now=now + claims.LEASE)

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


def test_a_message_that_kills_its_worker_is_given_up(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    for _crash in range(sending.MOST_ATTEMPTS):
        claims.claim(now)
        now += claims.LEASE

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert message.state == "failed"
    assert "Given up" in message.note
    assert Scripted.sent == []


def test_an_answer_after_the_lease_is_void(alice, scripted, say, now):
    message = say(alice, sender=scripted)
    [slow] = claims.claim(now)
    [quick] = claims.claim(now + claims.LEASE)
    sending.handle(quick, now + claims.LEASE)

    sending.handle(slow, now + claims.LEASE)

    message.refresh_from_db()
    assert message.state == "sent"
    assert Scripted.sent == [message.key]


def test_a_late_answer_does_not_undo_what_was_found_in_doubt(alice, scripted, say, now):
    message = say(alice, sender=scripted)

    def sleep_past_the_lease(key: str) -> None:
        dispatch.drain(1, now=now + claims.LEASE)

    Scripted.script.append(sleep_past_the_lease)

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert message.state == "unknown"
    assert message.sent_at is None


# --- Staff ----------------------------------------------------------------------------------------


def in_state(alice: Customer, say, state: str, now) -> Message:
    message = say(alice, key=f"journey:{state}:1")
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
    crash_while_sending(message, now)
    dispatch.drain(0, now=now + claims.LEASE)
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
