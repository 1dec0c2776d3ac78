"""The branches of a `parallel` step: journeys of their own, for which their parent waits."""

from collections.abc import Iterable
from typing import Any

from automations.engine.batch import Batch
from automations.engine.plans import Station
from automations.engine.releasing import CLAIM
from automations.journey_row import JourneyRow
from automations.place import COUPON, GIVEN, Place


def start(batch: Batch, place: Place, station: Station, names: Iterable[str]) -> bool:
    """Make a journey for each of the branches that holds a step, due now; says whether any did.

    A later batch walks them.
    """
    parent, made = place.journey, False
    for name in names:
        first = station.into.get(name, "")
        if not first:
            continue
        made = True
        batch.rows.new_journeys.append(
            JourneyRow(
                id=batch.rows.draw(),
                automation_id=parent.automation_id,
                version_id=parent.version_id,
                thread=parent.thread,
                shard=parent.shard,
                subject=parent.subject,
                customer_id=parent.customer_id,
                card_id=parent.card_id,
                event_id=parent.event_id,
                parent_id=parent.id,
                depth=parent.depth,
                step_key=first,
                due_at=batch.desk.now,
                data={"branch": name} | _kept(parent),
                started_at=batch.desk.now,
            )
        )
    return made


def _kept(parent: JourneyRow) -> dict[str, Any]:
    """What the branches know of the way before them, and who pays for what they give."""
    return {name: parent.data[name] for name in (COUPON, GIVEN, CLAIM) if name in parent.data}
