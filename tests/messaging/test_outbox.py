"""The batch that the engine fills, and the texts it points at."""

from messaging import templates
from messaging.models import Message, Template
from messaging.outbox import Outbox


def fill(outbox: Outbox, customer, now, *keys: str) -> None:
    template = templates.freeze("Hello", "You have {{ card.points }} points.")
    for key in keys:
        outbox.say(
            key=key,
            customer_id=customer.pk,
            template_id=template.pk,
            names={"card.points": 12},
            sender_id=None,
            cause="journey:1",
            now=now,
        )


def test_nothing_is_written_before_the_batch_is(alice, now):
    outbox = Outbox()

    fill(outbox, alice, now, "journey:1:1")

    assert len(outbox) == 1
    assert Message.objects.count() == 0


def test_a_batch_is_written_in_a_few_statements(alice, now, django_assert_max_num_queries):
    outbox = Outbox()
    fill(outbox, alice, now, *(f"journey:{n}:1" for n in range(100)))

    with django_assert_max_num_queries(4):
        assert outbox.flush() == 100

    message = Message.objects.get(key="journey:7:1")
    assert (message.state, message.due_at, message.created_at) == ("queued", now, now)
    assert (message.channel, message.cause) == ("email", "journey:1")
    assert message.names == {"card.points": 12}


def test_a_key_that_is_there_is_left_out(alice, now):
    outbox = Outbox()
    fill(outbox, alice, now, "journey:2:1", "journey:1:1")
    outbox.flush()
    fill(outbox, alice, now, "journey:3:1", "journey:1:1", "journey:3:1")

    assert outbox.flush() == 1

    assert Message.objects.count() == 3


def test_a_flushed_batch_is_empty(alice, now):
    outbox = Outbox()
    fill(outbox, alice, now, "journey:1:1")
    outbox.flush()

    assert len(outbox) == 0
    assert outbox.flush() == 0


def test_the_same_text_is_kept_once(db):
    first = templates.freeze(" Hello ", "One\r\ntwo")
    second = templates.freeze("Hello", "One\ntwo")

    assert first == second
    assert (first.subject, first.body) == ("Hello", "One\ntwo")
    assert Template.objects.count() == 1


def test_another_text_is_another_template(db):
    assert templates.freeze("ab", "c") != templates.freeze("a", "bc")
