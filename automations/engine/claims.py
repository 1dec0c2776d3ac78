"""What a customer claimed, and a journey settles: spent for good when the journey finishes, given
back when it stops, in the batch that ends the journey.

Whoever claimed is not charged for nothing: where every step that gives was skipped, it goes back as
well. What the journey finds settled by somebody else before, it says, and leaves as it is.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from automations import steps
from automations.engine.releasing import CLAIM, handler_of
from automations.engine.rows import Ran
from automations.journey_row import JourneyRow
from automations.models import Journey, StepRun
from automations.models.journey import JourneyState, RunOutcome
from loyalty.causes import Cause
from loyalty.errors import AlreadyRedeemed, AlreadyReversed, ClaimOver, LoyaltyError

if TYPE_CHECKING:
    from automations.engine.batch import Batch

GAVE = (RunOutcome.DONE, RunOutcome.WAITING)  # what is done for somebody else waits for their turn


def settle(batch: "Batch") -> None:
    """Settle what the journeys that ended in this batch were to settle; before it is written."""
    ended = batch.settling
    if not ended:
        return
    batch.claims.load(journey.data[CLAIM] for journey in ended)
    finished = [journey for journey in ended if journey.state == JourneyState.FINISHED]
    for_nothing = set(_gave_nothing(batch, finished))
    for journey in ended:
        if journey.state != JourneyState.FINISHED:
            outcome, note = _give_back(batch, journey, _("Given back: what was claimed."))
        elif journey.id in for_nothing:
            said = _("Given back, because nothing was given for it: what was claimed.")
            outcome, note = _give_back(batch, journey, said)
        else:
            outcome, note = _spend(batch, journey)
        _record(batch, journey, outcome, note)


# --- How ------------------------------------------------------------------------------------------


def _spend(batch: "Batch", journey: JourneyRow) -> tuple[RunOutcome, str]:
    number, handler = journey.data[CLAIM], handler_of(journey.id)
    try:
        hold = batch.claims.capture(number, handler=handler, cause=_cause(journey))
    except ClaimOver:
        said = _("It took longer than the claim is kept: it goes back, what was given stays given.")
        return _give_back(batch, journey, said)
    except LoyaltyError as refused:
        return RunOutcome.SKIPPED, _why(batch, journey, refused)
    return RunOutcome.DONE, _("Settled: %s, claimed by the customer.") % hold


def _give_back(batch: "Batch", journey: JourneyRow, said: str) -> tuple[RunOutcome, str]:
    number, handler = journey.data[CLAIM], handler_of(journey.id)
    try:
        batch.claims.void(number, handler=handler, cause=_cause(journey))
    except LoyaltyError as refused:
        return RunOutcome.SKIPPED, _why(batch, journey, refused)
    return RunOutcome.DONE, said


def _why(batch: "Batch", journey: JourneyRow, refused: LoyaltyError) -> str:
    """Somebody was faster."""
    if isinstance(refused, AlreadyRedeemed):
        return _("What was claimed had been handed over by staff before.")
    if isinstance(refused, AlreadyReversed):
        hold = batch.claims.find(journey.data[CLAIM])
        if hold is not None and hold.settled_by == "clock":
            return _("It took longer than the claim is kept: it had gone back to the card.")
        return _("What was claimed had been given back before.")
    return _("What was claimed cannot be settled now: it goes back to its card at its deadline.")


def _record(batch: "Batch", journey: JourneyRow, outcome: RunOutcome, note: str) -> None:
    batch.rows.step_runs.append(
        Ran(
            journey_id=journey.id,
            moves=journey.moves,
            step_key="",
            type="",
            outcome=outcome,
            note=note[:250],
            result={CLAIM: journey.data[CLAIM]},
            at=batch.desk.now,
        )
    )
    journey.moves += 1


def _cause(journey: JourneyRow) -> Cause:
    return Cause(handler_of(journey.id), journey.depth)


def _gave_nothing(batch: "Batch", finished: list[JourneyRow]) -> Iterator[int]:
    """Those of whose giving steps one was skipped, and none gave anything; their branches count."""
    if not finished:
        return
    giving = {name for name, kind in steps.types().items() if kind.gives}
    family = _family(finished)
    now = [(run.journey_id, run.outcome) for run in batch.rows.step_runs if run.type in giving]
    before = StepRun.objects.filter(journey__in=family, type__in=giving)
    gave: set[int] = set()
    skipped: set[int] = set()
    for journey_id, outcome in [*now, *before.values_list("journey_id", "outcome")]:
        if root := family.get(journey_id):
            (gave if outcome in GAVE else skipped).add(root)
    yield from skipped - gave


def _family(roots: list[JourneyRow]) -> dict[int, int]:
    """The journeys and those that walked in branches of theirs, each with its root."""
    found = {journey.id: journey.id for journey in roots}
    below = set(found)
    while below:
        children = Journey.objects.filter(parent__in=below).values_list("pk", "parent_id")
        new = {pk: found[parent] for pk, parent in children if parent is not None}
        below = new.keys() - found.keys()
        found |= new
    return found
