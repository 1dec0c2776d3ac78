"""The only code that moves a journey: one step after the other until it waits or ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from automations.engine.batch import Batch
from automations.engine.plans import Plan, Station
from automations.models import Journey, StepRun
from automations.models.journey import JourneyState, RunOutcome
from automations.outcomes import Done, Outcome, Retry, Skip, Stop, Wait
from automations.place import Place

# A step that fails is tried again after these; then its journey stops with a note.
PATIENCE = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]


class StepFailed(Exception):
    """A step raised when its journey had made `moves` moves."""

    def __init__(self, moves: int, error: Exception) -> None:
        super().__init__(f"move {moves}: {error!r}")
        self.moves = moves
        self.error = error


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of an earlier try at this batch: the step run number `moves` raised."""

    moves: int
    reason: str


def walk(batch: Batch, plan: Plan, place: Place, failed: Failure | None = None) -> None:
    """Move one due journey as far as it goes now, but not again through what `failed` before.

    Everything it does is on the batch's desk. Raises StepFailed; the batch is then undone and
    walked once more with that failure handed in, so that the steps before it count.
    """
    journey = place.journey
    journey.due_at = None
    while journey.state == JourneyState.WAITING and journey.due_at is None:
        if failed is not None and journey.moves >= failed.moves:
            fail(batch, journey, plan, failed.reason)
            return
        station = plan.stations.get(journey.step_key)
        if station is None:
            _end(batch, journey, JourneyState.FINISHED, "")
            return
        try:
            outcome = station.step.wake(place) if journey.is_inside else station.step.run(place)
        except Exception as error:
            raise StepFailed(journey.moves, error) from error
        _follow(batch, journey, station, outcome)


def end(batch: Batch, journey: Journey, note: str) -> None:
    """Stop it where it stands, and say why."""
    _record(batch, journey, "", RunOutcome.STOPPED, note)
    _end(batch, journey, JourneyState.STOPPED, note)


def fail(batch: Batch, journey: Journey, plan: Plan, note: str) -> None:
    """A step raised: try again later, and after a few tries stop for good."""
    station = plan.stations.get(journey.step_key)
    kind = station.step.type if station else ""
    if journey.attempts >= len(PATIENCE):
        _record(batch, journey, kind, RunOutcome.STOPPED, note)
        _end(batch, journey, JourneyState.STOPPED, note)
        return
    _record(batch, journey, kind, RunOutcome.RETRIED, note)
    journey.due_at = batch.desk.now + PATIENCE[journey.attempts]
    journey.attempts += 1


def _follow(batch: Batch, journey: Journey, station: Station, outcome: Outcome) -> None:
    step = station.step
    match outcome:
        case Done(note, branch, result):
            _record(batch, journey, step.type, RunOutcome.DONE, note, result)
            _go_on(journey, station.into.get(branch, station.after))
        case Skip(note):
            _record(batch, journey, step.type, RunOutcome.SKIPPED, note)
            _go_on(journey, station.after)
        case Wait(until, note):
            _record(batch, journey, step.type, RunOutcome.WAITING, note)
            journey.is_inside = True
            journey.attempts = 0
            journey.due_at = until
        case Retry(at, note):
            _again(batch, journey, step.type, at, note)
        case Stop(note, finished):
            _record(
                batch, journey, step.type, RunOutcome.DONE if finished else RunOutcome.STOPPED, note
            )
            _end(batch, journey, JourneyState.FINISHED if finished else JourneyState.STOPPED, note)
        case _:
            assert_never(outcome)


def _go_on(journey: Journey, to: str) -> None:
    journey.step_key = to
    journey.is_inside = False
    journey.attempts = 0


def _again(batch: Batch, journey: Journey, kind: str, at: datetime, note: str) -> None:
    """The step asks for another try; its effect keeps its name, so `moves` stays."""
    moves = journey.moves
    _record(batch, journey, kind, RunOutcome.RETRIED, note)
    journey.moves = moves
    journey.attempts += 1
    journey.due_at = at


def _record(
    batch: Batch,
    journey: Journey,
    kind: str,
    outcome: RunOutcome,
    note: str,
    result: dict[str, object] | None = None,
) -> None:
    batch.rows.step_runs.append(
        StepRun(
            journey=journey,
            moves=journey.moves,
            step_key=journey.step_key,
            type=kind,
            outcome=outcome,
            note=str(note)[:250],
            result=result or {},
            at=batch.desk.now,
        )
    )
    if not journey.is_inside and not journey.attempts:
        batch.rows.count(journey, journey.step_key, "reached")
    batch.rows.count(journey, journey.step_key, outcome)
    journey.moves += 1


def _end(batch: Batch, journey: Journey, state: JourneyState, note: str) -> None:
    journey.state = state
    journey.due_at = None
    journey.is_inside = False
    journey.note = str(note)[:250]
    journey.ended_at = batch.desk.now
    batch.rows.count(journey, "", "finished" if state == JourneyState.FINISHED else "stopped")
