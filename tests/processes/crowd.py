"""A thousand customers and the automation they walk through; runs in a house of its own
(`house.does(crowd.gather)`), so it uses the product's verbs and nothing of the tests'.

Each journey waits 1 to 60 seconds in up to six waits (one for each binary digit of its number),
then condition, accrue, email.
"""

from django.db import transaction

from automations import portable, publishing
from loyalty import cards, clock, customers, external
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.programs.reward import RewardProgram
from messaging.models import Sender

PEOPLE = 1_000
LONGEST = 60  # seconds
BITS = (1, 2, 4, 8, 16, 32)
POINTS = 5
CAUSE = Cause("import")


def gather() -> None:
    """Customers with a points card each, and the automation, Working."""
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
    """One event for each, which starts a journey."""
    items = [
        external.External(
            index=number,
            name="started",
            key=f"start-{number}",
            customer=Who(email=f"c{number}@example.com"),
            data={f"wait_{bit}": bool((1 + number % LONGEST) & bit) for bit in BITS},
        )
        for number in range(PEOPLE)
    ]
    external.accept(items, scope="test", cause=CAUSE, now=clock.now())


def automation() -> dict[str, object]:
    return {
        "format": 1,
        "slug": "crowd",
        "name": "Crowd",
        "programs": [],
        "triggers": [{"type": "external_event", "params": {"names": ["started"]}}],
        "steps": [
            *(step for bit in BITS for step in waits(bit)),
            {
                "key": "reachable",
                "type": "condition",
                "filter": ["customer.consent.email", "=", True],
                "branches": {
                    "yes": [
                        {
                            "key": "points",
                            "type": "accrue",
                            "program": "aurora",
                            "unit": "points",
                            "amount": POINTS,
                        },
                        {"key": "mail", "type": "send_email", "subject": "Hello", "body": "Hello"},
                    ],
                    "no": [],
                },
            },
        ],
    }


def waits(bit: int) -> list[dict[str, object]]:
    return [
        {
            "key": f"is-{bit}",
            "type": "condition",
            "filter": [f"event.data.wait_{bit}", "=", True],
            "branches": {"yes": [{"key": f"wait-{bit}", "type": "wait", "for": f"PT{bit}S"}]},
        }
    ]
