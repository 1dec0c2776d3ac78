"""What a customer claimed, and a journey settles: spent for good with the first thing that is given
for it, in the same batch, or when the journey comes to its end; given back when it stops or leaves
before.

So nobody has both, whatever ends the journey and whenever: it does not go on once what was claimed
went back. Whoever claimed is not charged for nothing: where every step that gives was skipped, it
goes back as well. What somebody else has settled, the journey leaves as it is.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from automations import steps
from automations.engine.plans import plan_of
from automations.engine.releasing import CLAIM, handler_of
from automations.engine.rows import Ran
from automations.journey_row import JourneyRow
from automations.models import Journey, StepRun
from automations.models.journey import JourneyState, RunOutcome
from loyalty.causes import Cause
from loyalty.errors import AlreadyRedeemed, AlreadyReversed, ClaimOver, LoyaltyError
from loyalty.models.card import CardStatus
from loyalty.models.hold import Hold, HoldState

if TYPE_CHECKING:
    from automations.engine.batch import Batch

GAVE = (RunOutcome.DONE, RunOutcome.WAITING)  # what is done for somebody else waits for their turn


def gave(batch: "Batch", journey: JourneyRow, kind: str, outcome: RunOutcome) -> None:
    """It has made that move: what gives is to be paid."""
    if outcome in GAVE and kind in _giving():
        batch.paying.setdefault(journey.data[CLAIM], journey)


def load(batch: "Batch", journeys: Iterable[JourneyRow]) -> None:
    """In one statement, if one of them has anything to settle."""
    batch.claims.load(journey.data[CLAIM] for journey in journeys if CLAIM in journey.data)


def lost(batch: "Batch", journey: JourneyRow) -> str:
    """Why a journey gives nothing more: nobody pays for it. Empty where it may go on. Loaded."""
    if CLAIM not in journey.data:
        return ""
    hold = batch.claims.find(journey.data[CLAIM])
    card = batch.card(hold.card_id) if hold else None
    if hold is not None and hold.state == HoldState.CAPTURED:
        return ""
    if hold is None or card is None or card.status != CardStatus.ACTIVE:
        return _("The card is blocked or gone, and with it what was claimed.")
    if hold.state == HoldState.VOIDED:
        return _went_back(hold)
    if hold.is_over(batch.desk.now):
        return _("It took longer than the claim is kept: it goes back to the card.")
    return ""


def settle(batch: "Batch") -> None:
    """Settle what journeys gave something for in this batch, and what those that ended in it were
    to settle; before it is written."""
    if not (batch.paying or batch.settling):
        return
    load(batch, [*batch.paying.values(), *batch.settling])
    for number, journey in batch.paying.items():
        hold = batch.claims.find(number)
        if hold is not None and hold.is_handled:
            _record(batch, journey, *_spend(batch, journey))
    ended = [journey for journey in batch.settling if not _is_paid(batch, journey)]
    finished = [journey for journey in ended if journey.state == JourneyState.FINISHED]
    for_nothing = {journey.id for journey in finished if _left_early(journey)}
    for_nothing.update(_gave_nothing(batch, finished))
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
    number, handler = journey.data[CLAIM], _handler(batch, journey)
    try:
        hold = batch.claims.capture(number, handler=handler, cause=Cause(handler, journey.depth))
    except ClaimOver:
        said = _("It took longer than the claim is kept: it goes back, what was given stays given.")
        return _give_back(batch, journey, said)
    except LoyaltyError as refused:
        return RunOutcome.SKIPPED, _why(batch, journey, refused)
    return RunOutcome.DONE, _("Settled: %s, claimed by the customer.") % hold


def _give_back(batch: "Batch", journey: JourneyRow, said: str) -> tuple[RunOutcome, str]:
    number, handler = journey.data[CLAIM], _handler(batch, journey)
    try:
        batch.claims.void(number, handler=handler, cause=Cause(handler, journey.depth))
    except LoyaltyError as refused:
        return RunOutcome.SKIPPED, _why(batch, journey, refused)
    return RunOutcome.DONE, said


def _why(batch: "Batch", journey: JourneyRow, refused: LoyaltyError) -> str:
    """Somebody was faster."""
    if isinstance(refused, AlreadyRedeemed):
        return _("What was claimed had been handed over by staff before.")
    if isinstance(refused, AlreadyReversed):
        hold = batch.claims.find(journey.data[CLAIM])
        return _went_back(hold)
    return _("What was claimed cannot be settled now: it goes back to its card at its deadline.")


def _went_back(hold: Hold | None) -> str:
    if hold is not None and hold.settled_by == "clock":
        return _("It took longer than the claim is kept: it had gone back to the card.")
    return _("What was claimed had been given back before.")


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


def _handler(batch: "Batch", journey: JourneyRow) -> str:
    """The journey, or the one of which it is a branch, however deep."""
    hold = batch.claims.find(journey.data[CLAIM])
    return (hold.handler if hold else "") or handler_of(journey.id)


def _is_paid(batch: "Batch", journey: JourneyRow) -> bool:
    """With what it gave, now or before."""
    hold = batch.claims.find(journey.data[CLAIM])
    if hold is None or hold.state != HoldState.CAPTURED:
        return False
    return hold.settled_by == handler_of(journey.id)


def _giving() -> set[str]:
    return {name for name, kind in steps.types().items() if kind.gives}


def _left_early(journey: JourneyRow) -> bool:
    """By a goal or an exit rule, held out, too late: neither the end of its chain nor an `exit`."""
    station = plan_of(journey.version_id).stations.get(journey.step_key)
    return station is not None and not station.step.ends_lane


def _gave_nothing(batch: "Batch", finished: list[JourneyRow]) -> Iterator[int]:
    """Those of whose giving steps one was skipped, and none gave anything; their branches count."""
    if not finished:
        return
    giving = _giving()
    family = _family(finished)
    now = [(run.journey_id, run.outcome) for run in batch.rows.step_runs if run.type in giving]
    before = StepRun.objects.filter(journey__in=family, type__in=giving)
    served: set[int] = set()
    skipped: set[int] = set()
    for journey_id, outcome in [*now, *before.values_list("journey_id", "outcome")]:
        if root := family.get(journey_id):
            (served if outcome in GAVE else skipped).add(root)
    yield from skipped - served


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
