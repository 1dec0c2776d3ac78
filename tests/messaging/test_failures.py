"""What happens when sending does not work, or does not come to an end."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from messaging import dispatch
from messaging.dispatch import claims, sending
from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure
from messaging.models import Message
from tests.messaging.carriers import PowerCutError, Scripted, carrying, fails_with


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
