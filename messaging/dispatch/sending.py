"""One message on its way out, and what became of it."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty.models import Business, Customer
from messaging import gate, rendering
from messaging.dispatch.by_hand import forget_address
from messaging.dispatch.claims import LEASE, OPEN, record
from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure, UnreadableText
from messaging.filters import Letterhead
from messaging.models import Message, Sender
from messaging.models.message import MessageState, Purpose
from messaging.names import PUSH_URL
from messaging.providers.base import PROVIDERS, Provider, provider_of
from messaging.rendering import Rendered

# Seconds until the next attempt, after the first, second … one; then it has failed.
DELAYS = (30, 2 * 60, 10 * 60, 3600, 6 * 3600)
MOST_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2  # of the delay, so that what failed together does not come back together


def handle(message: Message, now: datetime) -> None:
    """Send a claimed message and record the result; raises only bugs and lost databases."""
    if message.state == MessageState.SENDING and not _may_be_repeated(message):
        in_doubt(message, _("Work was broken off while this was being sent."))
    elif message.attempts > MOST_ATTEMPTS:
        fail(message, _("Given up: work on this was broken off each time."))
    else:
        _send(message, now)
    if message.customer.erased_at is not None and message.state not in OPEN:
        forget_address(message)


def _send(message: Message, now: datetime) -> None:
    try:
        rendered = _rendered(message)
        provider = _begin(message, rendered, now)
        if provider is None:
            return
        provider_id = provider.send(rendered, message.to, message.key)
    except TemporaryFailure as failure:
        try_later(message, now, failure.note)
    except (PermanentFailure, UnreadableText) as failure:
        fail(message, failure.note)
    except InDoubt as failure:
        in_doubt(message, failure.note)
    else:
        record(
            message,
            state=MessageState.SENT,
            sent_at=now,
            provider_id=provider_id[:250],
            note="",
        )


def _rendered(message: Message) -> Rendered:
    customer, business = message.customer, Business.get()
    letterhead = Letterhead(
        business=business.name,
        address=business.address,
        currency=business.currency,
        language=customer.language or "en",
        time_zone=customer.time_zone or business.time_zone,
    )
    template = message.template
    rendered = rendering.render(template.subject, template.body, message.names, letterhead)
    return replace(rendered, url=str(message.names.get(PUSH_URL, "")))


def _begin(message: Message, rendered: Rendered, now: datetime) -> Provider | None:
    """Mark it `sending` if it may be said at this moment; None if not, or no longer ours.

    The lease starts anew: from here on it is the carrier's time that counts.
    The customer's row is locked: a consent withdrawn before this commits is seen, and one that is
    being withdrawn waits. Raises PermanentFailure where no sender can be used.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=message.customer_id)
        refusal, to = _verdict(message, customer)
        if refusal:
            record(message, state=MessageState.REFUSED, note=refusal)
            return None
        sender = _sender_of(message)
        provider = provider_of(sender)
        is_ours = record(
            message,
            state=MessageState.SENDING,
            due_at=now + LEASE,
            sender=sender,
            to=to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
        )
    return provider if is_ours else None


def _verdict(message: Message, customer: Customer) -> tuple[str, str]:
    """Why it may not be said, if so, and where it goes."""
    if message.purpose != Purpose.AGREED:
        return gate.verdict_on_service(message.to), message.to
    to = gate.address(customer, message.channel)
    return gate.verdict(customer, message.channel), to


def _sender_of(message: Message) -> Sender:
    """The sender chosen, as it is now, or the channel's default."""
    if message.sender_id is None:
        sender = Sender.objects.default_for(message.channel)
        if sender is None:
            raise PermanentFailure(
                _("There is no active sender for %s to use where none is chosen.") % message.channel
            )
        return sender
    sender = Sender.objects.get(pk=message.sender_id)
    if not sender.is_active:
        raise PermanentFailure(_("The sender “%s” is switched off.") % sender.name)
    return sender


def _may_be_repeated(message: Message) -> bool:
    provider = PROVIDERS.get(message.sender.provider) if message.sender else None
    return provider is not None and provider.is_repeatable


# --- What became of it ----------------------------------------------------------------------------


def try_later(message: Message, now: datetime, note: str) -> None:
    """The one retry policy: `DELAYS` with jitter, then failed."""
    if message.attempts >= MOST_ATTEMPTS:
        fail(
            message,
            _("Given up after %(n)d attempts. %(note)s") % {"n": message.attempts, "note": note},
        )
        return
    delay = DELAYS[message.attempts - 1] * (1 + JITTER * random.random())  # noqa: S311 (spreads retries)
    record(message, state=MessageState.QUEUED, due_at=now + timedelta(seconds=delay), note=note)


def fail(message: Message, note: str) -> None:
    record(message, state=MessageState.FAILED, note=note)


def in_doubt(message: Message, note: str) -> None:
    record(
        message,
        state=MessageState.UNKNOWN,
        note=_("%s It may have arrived; it is not sent again by itself.") % note,
    )


def set_aside(message: Message, now: datetime) -> None:
    """After an error of ours: nothing is known of what had already left."""
    note = _("Something went wrong on our side; the log has the details.")
    if message.state == MessageState.SENDING and not _may_be_repeated(message):
        in_doubt(message, note)
    else:
        try_later(message, now, note)
