"""A message step as one customer would read it now; nothing is sent and nothing is kept."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from automations.models import Step
from loyalty import habits, tiers
from loyalty.facts import Facts
from loyalty.models import Account, Business, Card, Customer
from messaging import preview, rendering
from messaging.errors import UnreadableText
from messaging.filters import Letterhead
from messaging.models import Message


def page(
    request: HttpRequest, step: Step, customer: Customer | None, *, now: datetime
) -> HttpResponse:
    subject, body = step.texts
    names = _names(subject, body, customer, now) if customer else {}
    business = Business.get()
    letterhead = Letterhead(
        business=business.name,
        address=business.address,
        currency=business.currency,
        language=(customer.language if customer else "") or "en",
        time_zone=(customer.time_zone if customer else "") or business.time_zone,
    )
    try:
        rendered = rendering.render(subject, body, names, letterhead)
    except UnreadableText as error:
        html = str(escape(_("This text cannot be read: %(note)s") % {"note": error.note}))
    else:
        html = preview.as_shown(rendered, step.channel)
    return preview.page(request, Message(html=html))


def _names(subject: str, body: str, customer: Customer, now: datetime) -> dict[str, object]:
    facts = _facts(customer, now)
    return {
        name: facts.said(name)
        for name in rendering.names_used(subject, body)
        if not name.startswith("business.")
    }


def _facts(customer: Customer, now: datetime) -> Facts:
    """What is known of them without an event; the card is their newest."""
    cards = list(Card.objects.filter(customer=customer).prefetch_related("program"))
    held = {
        (account.card_id, account.unit): account.balance
        for account in Account.objects.filter(card__customer=customer)
    }
    return Facts(
        customer=customer,
        now=now,
        zone=customer.time_zone or Business.get().time_zone,
        card=max(cards, key=lambda card: card.issued_at, default=None),
        cards=cards,
        balance=lambda card_id, unit: held.get((card_id, unit), 0),
        habits=habits.OfMany([customer.pk]),
        tier=tiers.OfMany([customer.pk], now),
    )
