"""Small moves of a journey: on to a step, a line in its history, its end."""

from typing import Any

from automations.engine import claims
from automations.engine.batch import Batch
from automations.engine.releasing import CLAIM
from automations.engine.rows import Ran
from automations.journey_row import JourneyRow
from automations.models.journey import JourneyState, RunOutcome

# One object for all, since what stands in many rows is made ready for the database once.
NOTHING: dict[str, Any] = {}


def go_to(journey: JourneyRow, step_key: str) -> None:
    """It stands before that step now; an empty key is the end of its chain."""
    journey.step_key = step_key
    journey.is_inside = False
    journey.awaits = ""
    journey.attempts = 0


def record(
    batch: Batch,
    journey: JourneyRow,
    kind: str,
    outcome: RunOutcome,
    note: str,
    result: dict[str, Any] | None = None,
) -> None:
    """One step run, counted; the number of its move is spent with it."""
    batch.rows.step_runs.append(
        Ran(
            journey_id=journey.id,
            moves=journey.moves,
            step_key=journey.step_key,
            type=kind,
            outcome=outcome,
            note=note[:250] if type(note) is str else str(note)[:250],
            result=result or NOTHING,
            at=batch.desk.now,
        )
    )
    if CLAIM in journey.data:
        claims.gave(batch, journey, kind, outcome)
    if not journey.is_inside and not journey.attempts:
        batch.rows.count(journey, journey.step_key, "reached")
    batch.rows.count(journey, journey.step_key, outcome)
    journey.moves += 1


def end(batch: Batch, journey: JourneyRow, state: JourneyState, note: str = "") -> None:
    """It is over; the parent of a branch hears of it, and branches of its own end with it."""
    rows = batch.rows
    if journey.is_inside and not journey.awaits and journey.due_at is None:
        rows.orphaned.append(journey.id)
    journey.state = state
    journey.due_at = None
    journey.is_inside = False
    journey.awaits = ""
    journey.note = str(note)[:250]
    journey.ended_at = batch.desk.now
    if journey.parent_id is not None:
        rows.ended_branches.add(journey.parent_id)
    else:
        rows.count(journey, "", "finished" if state == JourneyState.FINISHED else "stopped")
        if CLAIM in journey.data:
            batch.settling.append(journey)
