"""Bugs planted on purpose. Without a death nobody notices any of them; with one, the proof must."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models, transaction

from automations.models import Journey
from loyalty import bulk
from loyalty.ledger import Book
from loyalty.models import Operation
from loyalty.postings import Posted, Posting
from messaging.dispatch import sending
from messaging.models import Message
from messaging.outbox import Outbox

Plant = Callable[[], None]
BUGS: dict[str, tuple[Plant, str]] = {}


def bug(moment: str) -> Callable[[Plant], Plant]:
    """`moment`: how the points begin at which a death shows it."""

    def listed(plant: Plant) -> Plant:
        BUGS[plant.__name__.replace("_", " ")] = (plant, moment)
        return plant

    return listed


def replaced(owner: Any, name: str, by: Any) -> None:
    """In this process only; none of our tests does this to code of ours otherwise."""
    setattr(owner, name, by)


@bug("after COMMIT")
def an_effect_commits_before_its_journey_has_ended() -> None:
    """… and its key does not hold, so that the next try does it again."""
    update, post = bulk.update, Book.post

    def later(model: type[models.Model], rows: Sequence[Any], names: Any) -> None:
        ended = [row for row in rows if model is Journey and row.ended_at and not row.parent_id]
        update(model, [row for row in rows if row not in ended], names)
        if ended:
            transaction.on_commit(lambda: update(model, ended, names))

    def post_again(book: Book, posting: Posting) -> Posted:
        while Operation.objects.filter(key=posting.key).exists():
            posting = posting._replace(key=f"{posting.key}'")
        return post(book, posting)

    replaced(bulk, "update", later)
    replaced(Book, "post", post_again)


@bug("after COMMIT")
def a_letter_is_queued_after_the_commit() -> None:
    flush = Outbox.flush

    def later(outbox: Outbox) -> int:
        transaction.on_commit(lambda: flush(outbox) and None)
        return len(outbox)

    replaced(Outbox, "flush", later)


@bug("before sending")
def a_letter_is_marked_sent_before_it_is_sent() -> None:
    begin = sending._begin

    def too_early(message: Message, *more: Any) -> Any:
        provider = begin(message, *more)
        if provider is not None:
            Message.objects.filter(pk=message.pk).update(state="sent")
            message.state = "sent"
        return provider

    replaced(sending, "_begin", too_early)
    replaced(sending, "record", _record_what_is_sent)


def _record_what_is_sent(message: Message, **changes: Any) -> bool:
    Message.objects.filter(pk=message.pk).update(**changes)
    return True


@bug("after sending")
def a_letter_in_doubt_is_sent_again() -> None:
    replaced(sending, "_may_be_repeated", lambda message: True)
