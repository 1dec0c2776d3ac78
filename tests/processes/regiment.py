"""A thousand customers who each walk twice through one automation; runs in a house of its own."""

from django.db import transaction

from automations import portable, publishing
from loyalty import cards, clock, customers, external
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.programs.reward import RewardProgram
from messaging.models import Sender

PEOPLE = 1_000
JOURNEYS = 2 * PEOPLE
ACCRUALS = 2
CAUSE = Cause("import")


def gather() -> None:
    """Customers with a points card each, and the automation, Working: points, two seconds' wait,
    points, a letter."""
    program = RewardProgram.objects.create(slug="aurora", name="Aurora points")
    Sender.objects.create(
        name="Outbox", provider="outbox", from_address="shop@example.com", is_default=True
    )
    publishing.publish(portable.read(automation()), now=clock.now())
    for first in range(0, PEOPLE, 100):
        with transaction.atomic():
            for number in range(first, first + 100):
                details = Details(email=f"c{number}@example.com", consent={"email": True})
                customer, _made = customers.join(details, cause=CAUSE, now=clock.now())
                cards.issue(program, customer, cause=CAUSE, now=clock.now())


def start() -> None:
    """Two events for each, all first ones before all second ones."""
    items = [
        external.External(
            index=number,
            name="started",
            key=f"start-{number}",
            customer=Who(email=f"c{number % PEOPLE}@example.com"),
            data={},
        )
        for number in range(JOURNEYS)
    ]
    external.accept(items, scope="test", cause=CAUSE, now=clock.now())


def automation() -> dict[str, object]:
    points = {"type": "accrue", "program": "aurora", "unit": "points", "amount": 1}
    return {
        "format": 1,
        "slug": "regiment",
        "name": "Regiment",
        "entry": {"again": "every_time", "if_inside": "parallel"},
        "triggers": [{"type": "external_event", "params": {"names": ["started"]}}],
        "steps": [
            {"key": "first", **points},
            {"key": "wait", "type": "wait", "for": "PT2S"},
            {"key": "second", **points},
            {"key": "mail", "type": "send_email", "subject": "Hello", "body": "Hello"},
        ],
    }
