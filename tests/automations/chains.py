"""Short words for automations that work, and for moving the people inside."""

from datetime import datetime
from typing import Any

from automations import portable, publishing
from automations.engine import pump
from automations.models import Automation, Journey, StepRun
from loyalty import events
from loyalty.models import Customer, Event

WAVED = {"type": "external_event", "params": {"names": ["waved"]}}
GIVE_FIVE = {"type": "accrue", "program": "aurora", "unit": "points", "amount": 5}
EMAIL = {
    "type": "send_email",
    "subject": "Hello {{ customer.first_name }}",
    "body": "You have {{ cards.aurora.points }} points.",
}


def working(
    steps: list[dict[str, Any]],
    now: datetime,
    *,
    trigger: dict[str, Any] = WAVED,
    slug: str = "chain",
    **more: Any,
) -> Automation:
    document = {"format": 1, "slug": slug, "name": slug, "triggers": [trigger], "steps": steps}
    automation = portable.read(document | more, now=now)
    publishing.publish(automation, now=now)
    automation.refresh_from_db()
    return automation


def wave(customer: Customer, now: datetime, key: str = "wave", **data: Any) -> None:
    """An event from outside, as the API writes it."""
    Event.objects.create(
        name="waved",
        key=f"token:1:{key}",
        shard=events.shard_of(customer.subject),
        customer=customer,
        data=data,
        cause="api:1",
        occurred_at=now,
        created_at=now,
    )


def run(now: datetime) -> int:
    """Pump every shard until nothing is due; says how much was handled."""
    handled = 0
    while due := pump.due(now):
        handled += sum(pump.pump(shard, now=now) for shard in due)
    return handled


def history(journey: Journey) -> list[tuple[str, str]]:
    return list(StepRun.objects.filter(journey=journey).values_list("step_key", "outcome"))


def runs(journey: Journey) -> list[tuple[str, str]]:
    """Outcome and note of each step run."""
    return [(run.outcome, run.note) for run in journey.step_runs.all()]


def outcomes(journey: Journey) -> list[tuple[str, str]]:
    """Type and outcome of each step run."""
    return [(run.type, run.outcome) for run in journey.step_runs.all()]


def tag(name: str) -> dict[str, str]:
    return {"type": "add_tag", "tag": name}
