"""The shop that is measured, set up by the product's own verbs."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from automations import portable, publishing
from automations.models import Automation, Journey
from config.draining import drain
from loyalty import cards, clock, customers, external, tokens
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.ledger.audit import broken
from loyalty.models import Business, Card, Customer, Program
from loyalty.programs.reward import RewardProgram
from messaging.models import Message, Sender

CAUSE = Cause("import")
SCOPE = "bench"
FIRST = "first"  # the automation in which the many others wait
WAIT = "P3D"


def open_shop() -> Program:
    """A points card, a sender that keeps letters here, and the automation of the many."""
    Business.objects.update_or_create(pk=1, defaults={"name": "Aurora", "time_zone": "UTC"})
    program = RewardProgram.objects.create(slug="aurora", name="Aurora points")
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="shop@example.com", is_default=True
    )
    draw(FIRST)
    return program


def draw(slug: str, rounds: int = 2, wait: str = WAIT) -> int:
    """Publish an automation that the event of its name starts; its id."""
    document = {
        "format": 1,
        "slug": slug,
        "name": slug,
        "triggers": [{"type": "external_event", "params": {"names": [slug]}}],
        "steps": [step for number in range(1, rounds + 1) for step in _round(number, wait)],
    }
    return _publish(document)


def _round(number: int, wait: str) -> list[dict[str, Any]]:
    """Four steps: a condition that holds, five points, an email, a wait."""
    return [
        {
            "key": f"agreed-{number}",
            "type": "condition",
            "filter": ["customer.consent.email", "=", True],
            "branches": {"yes": [], "no": []},
        },
        {
            "key": f"points-{number}",
            "type": "accrue",
            "program": "aurora",
            "unit": "points",
            "amount": 5,
        },
        _email(f"mail-{number}"),
        {"key": f"wait-{number}", "type": "wait", "for": wait},
    ]


def _email(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "type": "send_email",
        "subject": "Hello {{ customer.first_name }}",
        "body": "You have {{ cards.aurora.points }} points.",
    }


def draw_echo(slug: str, wait: str) -> int:
    """An email at once, and one after a short wait."""
    document = {
        "format": 1,
        "slug": slug,
        "name": slug,
        "triggers": [{"type": "external_event", "params": {"names": [slug]}}],
        "steps": [
            _email("at-once"),
            {"key": "wait", "type": "wait", "for": wait},
            _email("later"),
        ],
    }
    return _publish(document)


def _publish(document: dict[str, Any]) -> int:
    automation = portable.read(document, now=clock.now())
    publishing.publish(automation, now=clock.now())
    return automation.pk


def close(automation: int) -> None:
    """Take it away, with those inside."""
    publishing.delete_automation(Automation.objects.get(pk=automation), now=clock.now())


def welcome(program: Program, name: str, *, enters: bool) -> Customer:
    """A customer with a card; who enters stands at the wait, their letter sent."""
    now = clock.now()
    details = Details(
        external_id=name,
        email=f"{name}@example.com",
        first_name="Ada",
        consent={"email": True},
    )
    customer, _made = customers.join(details, cause=CAUSE, now=now)
    cards.issue(program, customer, cause=CAUSE, now=now)
    if enters:
        accept(FIRST, [name], f"{FIRST}-", now)
    drain()
    return customer


def accept(event: str, people: list[str], key: str, now: datetime) -> None:
    """One call with an event for each of them."""
    items = [
        external.External(
            index=number, name=event, key=f"{key}{name}", customer=Who(external_id=name)
        )
        for number, name in enumerate(people)
    ]
    answer = external.accept(items, scope=SCOPE, cause=CAUSE, now=now)
    if answer.errors or answer.duplicates:
        raise AssertionError(answer)


def make_due(automation: int, days: int) -> None:
    """Shift the waits of those inside, as if that many days (and a minute) had passed."""
    earlier = F("due_at") - timedelta(days=days, minutes=1)
    Journey.objects.filter(automation=automation, state="waiting").update(due_at=earlier)


def cut_a_key() -> str:
    """For a scanner at the till."""
    _token, plain = tokens.make_token("Till", ["scanner"], now=clock.now())
    return plain


def serials(n: int) -> list[str]:
    """Of some customers' cards."""
    return list(Card.objects.order_by("-pk").values_list("serial", flat=True)[:n])


def make_overdue(n: int) -> list[str]:
    """So many of those at the first wait are due since an hour; some of their cards."""
    standing = Journey.objects.filter(
        automation__slug=FIRST, state="waiting", step_key="wait-1", due_at__gt=clock.now()
    )
    chosen = list(standing.order_by("pk").values_list("pk", flat=True)[:n])
    Journey.objects.filter(pk__among=chosen).update(due_at=clock.now() - timedelta(hours=1))
    cards = Card.objects.filter(customer__journeys__in=chosen[:: max(1, n // 400)])
    return list(cards.values_list("serial", flat=True))


def forget_letters() -> None:
    """Those that are queued and that nobody is to send."""
    Message.objects.filter(state="queued").delete()


def accept_one(event: str, name: str) -> dict[str, float]:
    """One event now; which customer it was, and when it was committed."""
    customer = Customer.objects.values_list("pk", flat=True).get(external_id=name)
    accept(event, [name], f"{event}-", clock.now())
    return {"customer": customer, "committed": time.time()}


def audit() -> list[str]:
    """What is wrong with the ledger after all that."""
    return broken(clock.now())
