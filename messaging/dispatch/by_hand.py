"""What staff may do about messages: try again, settle what is in doubt, test a sender, forget."""

import secrets
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from loyalty.merged import Merged
from loyalty.models import Business
from messaging import rendering
from messaging.filters import Letterhead
from messaging.models import Message, Sender
from messaging.models.message import MessageState
from messaging.providers.base import provider_of

# Every change draws the claim's token away, so that a late answer cannot undo what staff decided.
AGAIN = {"state": MessageState.QUEUED, "attempts": 0, "token": "", "note": "", "sent_at": None}


def retry(messages: QuerySet[Message], *, now: datetime) -> int:
    """Queue those that failed once more; consent is asked for again. Others are left alone."""
    return messages.filter(state=MessageState.FAILED).update(**AGAIN, due_at=now)


def send_again(messages: QuerySet[Message], *, now: datetime) -> int:
    """Queue those in doubt once more, at the risk that some are read twice."""
    return messages.filter(state=MessageState.UNKNOWN).update(**AGAIN, due_at=now)


def mark_sent(messages: QuerySet[Message], *, now: datetime) -> int:
    """Settle those in doubt: staff know that they arrived."""
    return messages.filter(state=MessageState.UNKNOWN).update(
        state=MessageState.SENT, sent_at=now, token="", note=_("Marked as sent by staff.")
    )


def send_test(sender: Sender, to: str) -> str:
    """Send a sample at once, past outbox and gate, to the one who asks; gives the carrier's id.

    Raises TemporaryFailure, PermanentFailure or InDoubt. Not to be called inside a transaction.
    """
    business = Business.get()
    rendered = rendering.render(
        _("A test from {{ business.name }}"),
        _("This is what a mail sent through “%s” looks like.\n\nIt arrived: all is well.")
        % sender.name,
        {},
        Letterhead(business=business.name, address=business.address),
    )
    return provider_of(sender).send(rendered, to, f"test:{secrets.token_hex(8)}")


def forget(customer_id: int) -> None:
    """Empty every message of a customer who is erased; what was not sent will not be.

    Joins the caller's transaction, which holds the customer's lock. Notes go too: mail servers
    like to repeat the address they refuse.
    """
    theirs = Message.objects.filter(customer_id=customer_id)
    theirs.update(names={}, to="", subject="", text="", html="", note="")
    theirs.filter(state=MessageState.QUEUED).update(
        state=MessageState.REFUSED, token="", note=_("The customer was deleted.")
    )


def follow(merged: Merged) -> None:
    """What was said to the one was said to the other, and what waits goes where the other is."""
    Message.objects.filter(customer_id=merged.gone_id).update(customer_id=merged.kept_id)


def forget_address(message: Message) -> None:
    """Where the last word to somebody who was erased went; it names nobody itself."""
    Message.objects.filter(pk=message.pk).update(names={}, to="", note="")
