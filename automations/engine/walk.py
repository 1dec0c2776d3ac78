"""The only code that moves a journey: step by step until it waits or ends, many at once."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import assert_never

from django.conf import settings
from django.utils.translation import gettext as _

from automations.addressed import To
from automations.engine import branches, errands
from automations.engine.batch import Batch
from automations.engine.ending import end, go_to, record
from automations.engine.plans import Plan, Station
from automations.engine.trouble import Failure, GroupFailed, Row, StepFailed
from automations.journey_row import JourneyRow
from automations.models.journey import JourneyState, RunOutcome
from automations.models.step import Step
from automations.outcomes import Done, Fork, Handed, Jump, Outcome, Retry, Skip, Stop, Wait
from automations.place import Place
from loyalty.models import Event

# Where a journey keeps what ended its wait, until it can go on.
HAPPENED = "happened"


@dataclass(slots=True)
class Walker:
    """A journey that is due, where it stands, and what it failed at in an earlier try."""

    row: Row
    plan: Plan
    place: Place
    failed: Failure | None = None
    journey: JourneyRow = field(init=False)

    def __post_init__(self) -> None:
        self.journey = self.place.journey

    @property
    def has_failed_here(self) -> bool:
        """Here, or before it came here: this move is not tried again in this batch."""
        return self.failed is not None and self.journey.moves >= self.failed.moves


def walk(batch: Batch, walkers: Iterable[Walker]) -> None:
    """Move journeys of different customers as far as they go now, grouped by step.

    Everything they do is on the batch's desk. Raises StepFailed or GroupFailed; the batch is then
    undone and walked once more with that failure handed in, so that all else counts.
    """
    moving = list(walkers)
    for walker in moving:
        walker.journey.due_at = None
    while moving:
        groups: dict[tuple[int, str, bool], list[Walker]] = defaultdict(list)
        for walker in moving:
            if walker.failed is not None and walker.has_failed_here:
                fail(batch, walker.journey, walker.plan, walker.failed)
                continue
            journey = walker.journey
            groups[journey.version_id, journey.step_key, journey.is_inside].append(walker)
        moving = [
            walker
            for (_version, step_key, is_inside), group in groups.items()
            for walker in _advance(batch, group, step_key, is_inside)
        ]
        # Not before they moved: a wait that is over must be asked while it is known since when.
        if time.monotonic() > batch.patience_ends:
            for walker in moving:
                walker.journey.due_at = batch.desk.now
            return


def _advance(batch: Batch, group: list[Walker], step_key: str, is_inside: bool) -> list[Walker]:
    """One step with all who stand there; says who goes on."""
    station = group[0].plan.stations.get(step_key)
    if station is None:
        for walker in group:
            end(batch, walker.journey, JourneyState.FINISHED)
        return []
    if station.step.whom == To.CUSTOMER or is_inside:
        return _act(batch, group, station, is_inside)
    handed = errands.hand_on([walker.place for walker in group], station.step)
    here, going = [], []
    for walker in group:
        outcome = handed.get(walker.journey.id)
        if outcome is None:
            here.append(walker)
        elif follow(batch, walker, station, outcome):
            going.append(walker)
    return going + (_act(batch, here, station, is_inside) if here else [])


def _act(batch: Batch, group: list[Walker], station: Station, is_inside: bool) -> list[Walker]:
    step = station.step
    one, many = (step.wake, step.wake_many) if is_inside else (step.run, step.run_many)
    if len(group) == 1 or (step.version_id, step.key) in batch.singly:
        outcomes = [_ask(walker, one) for walker in group]
    else:
        outcomes = _ask_all(group, step, many)
    going = []
    for walker, outcome in zip(group, outcomes, strict=True):
        if follow(batch, walker, station, outcome):
            going.append(walker)
    return going


def _ask(walker: Walker, step: Callable[[Place], Outcome]) -> Outcome:
    try:
        return step(walker.place)
    except Exception as error:
        raise StepFailed(walker.row, walker.journey.moves, error) from error


def _ask_all(
    group: Sequence[Walker], step: Step, many: Callable[[list[Place]], list[Outcome]]
) -> list[Outcome]:
    try:
        return many([walker.place for walker in group])
    except Exception as error:
        raise GroupFailed((step.version_id, step.key), error) from error


def happened(batch: Batch, walker: Walker, seen: Place, event: Event) -> bool:
    """Tell a journey of the event that its wait awaits; says whether that was the one.

    Then it walks on. Who is held, or for whom that could not be written, remembers what came of it
    and goes on later.
    """
    journey = walker.journey
    station = walker.plan.stations.get(journey.step_key)
    if station is None:
        return False
    failed = walker.failed if walker.has_failed_here else None
    if failed is not None and failed.is_final:  # to ask it is what kills
        _pass_over(batch, journey, station, failed)
        return False
    try:
        done = station.step.happened(seen, event)
    except Exception as error:
        if failed is None:
            raise StepFailed(walker.row, journey.moves, error) from error
        _pass_over(batch, journey, station, failed)
        return False
    if done is not None:
        _hear(batch, walker, station, done, failed)
    return done is not None


def _pass_over(batch: Batch, journey: JourneyRow, station: Station, failed: Failure) -> None:
    """The event does not count, and it goes on waiting."""
    batch.rows.moved(journey)
    record(batch, journey, station.step.type, RunOutcome.RETRIED, failed.reason)


def _hear(
    batch: Batch, walker: Walker, station: Station, done: Done, failed: Failure | None
) -> None:
    journey = walker.journey
    if failed is None and journey.state != JourneyState.HELD:
        batch.rows.moved(journey)
        journey.awaits = ""
        if follow(batch, walker, station, done):
            walk(batch, [walker])
        return
    if failed is not None and not _is_plain(done):  # that may be what cannot be written
        _pass_over(batch, journey, station, failed)
        return
    batch.rows.moved(journey)
    journey.awaits = ""
    journey.data = {**journey.data, HAPPENED: asdict(done)}
    journey.due_at = batch.desk.now
    if failed is not None:
        fail(batch, journey, walker.plan, failed)


def _is_plain(done: Done) -> bool:
    try:
        json.dumps(asdict(done))
    except (TypeError, ValueError):
        return False
    return True


def remembers(batch: Batch, walker: Walker) -> bool:
    """What it awaited has happened before it could go on: now that ends its wait."""
    journey = walker.journey
    known = journey.data.pop(HAPPENED, None)
    station = walker.plan.stations.get(journey.step_key)
    if not isinstance(known, dict) or station is None or not journey.is_inside:
        return False
    if follow(batch, walker, station, Done(**known)):
        walk(batch, [walker])
    return True


def follow(batch: Batch, walker: Walker, station: Station, outcome: Outcome) -> bool:
    """Do what the step wants next; says whether the journey walks on at once."""
    journey, step = walker.journey, station.step
    match outcome:
        case Done(note, branch, result):
            record(batch, journey, step.type, RunOutcome.DONE, note, result)
            go_to(journey, station.into.get(branch, station.after))
            return True
        case Wait(until, note, awaits):
            record(batch, journey, step.type, RunOutcome.WAITING, note)
            journey.is_inside = True
            journey.attempts = 0
            journey.due_at = until
            journey.awaits = awaits
            return False
        case Skip(note) | Handed(note):
            how = RunOutcome.SKIPPED if isinstance(outcome, Skip) else RunOutcome.WAITING
            record(batch, journey, step.type, how, note)
            go_to(journey, station.after)
            return True
        case Jump(to, note):
            return _jump(batch, journey, step.type, to, note)
        case Fork(names, note):
            record(batch, journey, step.type, RunOutcome.WAITING, note)
            journey.is_inside = True
            journey.attempts = 0
            return not branches.start(batch, walker.place, station, names)
        case Retry(at, note):
            _again(batch, journey, step.type, at, note)
            return False
        case Stop(note, finished, result):
            how = RunOutcome.DONE if finished else RunOutcome.STOPPED
            record(batch, journey, step.type, how, note, result)
            end(batch, journey, JourneyState.FINISHED if finished else JourneyState.STOPPED, note)
            return False
        case _:
            assert_never(outcome)


def stop(batch: Batch, journey: JourneyRow, note: str) -> None:
    """Stop it where it stands, and say why."""
    record(batch, journey, "", RunOutcome.STOPPED, note)
    end(batch, journey, JourneyState.STOPPED, note)


def fail(batch: Batch, journey: JourneyRow, plan: Plan, failed: Failure) -> None:
    """A step raised: try again later, and after a few tries stop for good."""
    station = plan.stations.get(journey.step_key)
    kind = station.step.type if station else ""
    patience = settings.STEP_PATIENCE
    batch.rows.fail(journey)
    if failed.is_final or journey.attempts >= len(patience):
        record(batch, journey, kind, RunOutcome.STOPPED, failed.reason)
        end(batch, journey, JourneyState.STOPPED, failed.reason)
        batch.rows.count(journey, "", "failed")
        return
    record(batch, journey, kind, RunOutcome.RETRIED, failed.reason)
    journey.due_at = batch.desk.now + patience[journey.attempts]
    journey.attempts += 1


def _jump(batch: Batch, journey: JourneyRow, kind: str, to: str, note: str) -> bool:
    returns = {**journey.data.get("returns", {})}
    returns[to] = returns.get(to, 0) + 1
    if returns[to] > settings.MOST_RETURNS:
        reason = _("Loop: it came back to “%(step)s” %(times)d times.") % {
            "step": to,
            "times": settings.MOST_RETURNS,
        }
        batch.rows.count(journey, "", "loops")
        record(batch, journey, kind, RunOutcome.STOPPED, reason)
        end(batch, journey, JourneyState.STOPPED, reason)
        return False
    journey.data = {**journey.data, "returns": returns}
    record(batch, journey, kind, RunOutcome.DONE, note)
    go_to(journey, to)
    return True


def _again(batch: Batch, journey: JourneyRow, kind: str, at: datetime, note: str) -> None:
    """The step asks for another try; its effect keeps its name, so `moves` stays."""
    moves = journey.moves
    record(batch, journey, kind, RunOutcome.RETRIED, note)
    journey.moves = moves
    journey.attempts += 1
    journey.due_at = at
