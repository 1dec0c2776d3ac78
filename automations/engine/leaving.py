"""Goal and exit rules: an event ends the journeys whose version says so, before it does anything
else. Held journeys leave as well: what they were for has happened."""

from django.utils.translation import gettext as _

from automations.engine.batch import Batch
from automations.engine.ending import end
from automations.engine.inside import Seat
from automations.engine.plans import WayOut, plan_of
from automations.engine.rows import Ran
from automations.happenings import label
from automations.journey_row import JourneyRow
from automations.models.journey import JourneyState, RunOutcome
from loyalty.conditions import holds
from loyalty.models import Event


def leave(batch: Batch, seat: Seat, event: Event) -> None:
    """End the journey if the event is a way out of it, by the rules of its own version."""
    journey = seat.journey
    ways = plan_of(seat.version_id).ways_out.get(event.name, ())
    if journey is None or not seat.is_taken:
        return
    way = next((way for way in ways if _is_open(batch, way, journey, event)), None)
    if way is None:
        return
    words = _("Goal reached: %s") if way.is_goal else _("Left: %s")
    note = words % label(event.name)
    batch.rows.moved(journey)
    batch.rows.step_runs.append(
        Ran(
            journey_id=journey.id,
            moves=journey.moves,
            step_key=journey.step_key,
            type="",
            outcome=RunOutcome.DONE,
            note=note[:250],
            result={"event": event.pk},
            at=batch.desk.now,
        )
    )
    journey.moves += 1
    if journey.parent_id is None:
        batch.rows.count(journey, "", "converted" if way.is_goal else "left")
    end(batch, journey, JourneyState.FINISHED, note)


def _is_open(batch: Batch, way: WayOut, journey: JourneyRow, event: Event) -> bool:
    if way.filter is None:
        return True
    customer = batch.customers.get(event.customer_id or 0)
    card = batch.card(event.card_id or journey.card_id)
    return holds(way.filter, batch.facts(event.pk, card, customer))
