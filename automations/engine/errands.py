"""What a step does for somebody other than its customer, whose accounts another batch may hold: the
journey goes on and tells an event, and the pump of that somebody's shard does it.

Both commit with what made them: the event with the journey's move, which names it, and its effects,
under the name of that move as well, with the event's being looked at. What came of it stands in the
history of the journey.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from automations.addressed import NOBODY, To
from automations.engine.batch import Batch
from automations.engine.plans import Plan, plan_of
from automations.engine.rows import Ran
from automations.engine.trouble import Culprit, GroupFailed, Row, Trouble
from automations.journey_row import JourneyRow
from automations.models import Step, StepRun
from automations.models.journey import RunOutcome
from automations.outcomes import Done, Handed, Outcome, Skip
from automations.place import COUPON, GIVEN, Place
from loyalty import events, referrals
from loyalty.events import ReferralSucceeded, StepRequested
from loyalty.models import Card, Event

REQUESTED = StepRequested.name

# Where the run that gave it keeps what may be said of it.
VALUES = "coupon_values"

Find = Callable[[Collection[int]], Mapping[int, int]]

# Who it is in a referral, and to a customer without one.
PEOPLE: Mapping[str, tuple[Find, Find]] = {
    To.REFERRER: (referrals.referrers_in, referrals.referrers_of),
    To.REFERRED: (referrals.referred_in, referrals.last_referred_by),
}


# --- Handing on -----------------------------------------------------------------------------------


def hand_on(places: Sequence[Place], step: Step) -> dict[int, Outcome]:
    """What becomes of those, by journey, for whom the step is for somebody else, or for nobody. Who
    is not among them is whom it is for."""
    people = _people(places, step.whom)
    found: dict[int, Outcome] = {}
    for place in places:
        journey = place.journey
        person = people.get(journey.id)
        if person is None:
            found[journey.id] = Skip(str(NOBODY[step.whom]))
        elif person != journey.customer_id:
            place.desk.events.append(_request(place, step, person))
            if step.gives_coupon:
                given = {**journey.data.get(GIVEN, {}), step.whom: [journey.id, journey.moves]}
                journey.data = {**journey.data, GIVEN: given}
            found[journey.id] = Handed(_("Handed on. What came of it is said below."))
    return found


def _people(places: Iterable[Place], whom: str) -> dict[int, int]:
    """By journey."""
    in_referrals, of_customers = PEOPLE[whom]
    by_referral: dict[int, int] = {}
    by_customer: dict[int, int] = {}
    for place in places:
        journey, event = place.journey, place.event
        if event.name == ReferralSucceeded.name and "referral" in event.data:
            by_referral[journey.id] = event.data["referral"]
        elif journey.customer_id:
            by_customer[journey.id] = journey.customer_id
    found: dict[int, int] = {}
    for find, asked in ((in_referrals, by_referral), (of_customers, by_customer)):
        known = find(set(asked.values())) if asked else {}
        found |= {journey: known[key] for journey, key in asked.items() if key in known}
    return found


def _request(place: Place, step: Step, person: int) -> events.Draft:
    journey = place.journey
    return events.draft(
        StepRequested(
            version=journey.version_id,
            step=step.key,
            journey=journey.id,
            moves=journey.moves,
            event=journey.event_id,
            program=place.card.program_id if place.card else None,
            coupon=journey.data.get(GIVEN, {}).get(step.whom),
        ),
        key=f"{place.key}:for",
        customer_id=person,
        cause=place.cause,
        now=place.now,
    )


# --- Doing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Errand:
    """A step that a journey of somebody else wants done for the event's customer."""

    event: Event
    plan: Plan
    step: Step

    @property
    def row(self) -> Row:
        return Row("event", self.event.pk, self.plan.automation_id)

    @property
    def began_with(self) -> int:
        """The event with which that journey began."""
        return int(self.event.data["event"])


def of(event: Event) -> Errand | None:
    if event.name != REQUESTED:
        return None
    plan = plan_of(event.data["version"])
    return Errand(event, plan, plan.stations[event.data["step"]].step)


class Errands:
    """Those of one batch. What was given on one of them, later ones may say."""

    def __init__(self, batch: Batch, all_of_them: Sequence[Errand], trouble: Trouble) -> None:
        self.batch = batch
        self.trouble = trouble
        self._coupons = _coupons(all_of_them)

    def do(self, errands: Iterable[Errand]) -> None:
        """Of different customers, grouped by step. Raises Culprit and GroupFailed."""
        groups: dict[tuple[int, str], list[tuple[Errand, Place]]] = defaultdict(list)
        for errand in errands:
            failed = self.trouble.parked.get(errand.row)
            place = self._place(errand)
            if failed is not None:
                self._record(place, errand.step, RunOutcome.STOPPED, failed.reason)
                self.batch.rows.fail_for_others(place.journey)
            elif place.customer is None:
                deleted = _("The customer was deleted.")
                self._record(place, errand.step, RunOutcome.SKIPPED, deleted)
            else:
                groups[errand.plan.version_id, errand.step.key].append((errand, place))
        for name, group in groups.items():
            step = group[0][0].step
            for (_errand, place), outcome in zip(group, self._ask(name, group), strict=True):
                self._follow(place, step, outcome)

    def _ask(self, name: tuple[int, str], group: list[tuple[Errand, Place]]) -> list[Outcome]:
        if len(group) == 1 or name in self.batch.singly:
            return [_ask_one(errand, place) for errand, place in group]
        try:
            return group[0][0].step.run_many([place for _errand, place in group])
        except Exception as error:
            raise GroupFailed(name, error) from error

    def _follow(self, place: Place, step: Step, outcome: Outcome) -> None:
        match outcome:
            case Done(note, _branch, result):
                if step.gives_coupon:
                    values = place.journey.data[COUPON]
                    self._coupons[place.journey.id, place.journey.moves] = values
                    result = {**result, VALUES: values}
                self._record(place, step, RunOutcome.DONE, note, result)
            case Skip(note):
                self._record(place, step, RunOutcome.SKIPPED, note)
            case _:
                self._record(place, step, RunOutcome.STOPPED, _("It cannot be done for others."))

    def _place(self, errand: Errand) -> Place:
        """Theirs, under the name of the move that asked; the card is theirs."""
        event, batch = errand.event, self.batch
        data = event.data
        coupon = self._coupons.get(tuple(data["coupon"] or ()))
        card = self._card(errand)
        journey = JourneyRow(
            id=data["journey"],
            automation_id=errand.plan.automation_id,
            version_id=errand.plan.version_id,
            thread="",
            shard=event.shard,
            subject=event.subject,
            customer_id=event.customer_id,
            card_id=card.pk if card else None,
            event_id=errand.began_with,
            started_at=event.created_at,
            depth=event.depth,
            step_key=errand.step.key,
            moves=data["moves"],
            data={COUPON: coupon} if coupon else {},
        )
        return batch.place(journey)

    def _card(self, errand: Errand) -> Card | None:
        """Of the program that the journey's card is of; where it has none, of the chosen ones."""
        program: int | None = errand.event.data["program"]
        programs = errand.plan.programs if program is None else {program}
        theirs = self.batch.cards.get(errand.event.customer_id or 0, [])
        return next((card for card in theirs if card.program_id in programs), None)

    def _record(
        self,
        place: Place,
        step: Step,
        outcome: RunOutcome,
        note: str,
        result: Mapping[str, object] | None = None,
    ) -> None:
        """In the history of the journey that asked, which may be at work elsewhere: a line more."""
        journey = place.journey
        said = _("For: %(whom)s. %(note)s") % {"whom": To(step.whom).label, "note": note}
        self.batch.rows.step_runs.append(
            Ran(
                journey_id=journey.id,
                moves=journey.moves,
                step_key=step.key,
                type=step.type,
                outcome=outcome,
                note=said[:250],
                result={**(result or {}), "customer": journey.customer_id},
                at=self.batch.desk.now,
            )
        )
        self.batch.rows.count(journey, step.key, outcome)


def _ask_one(errand: Errand, place: Place) -> Outcome:
    try:
        return errand.step.run(place)
    except Exception as error:
        raise Culprit(errand.row, error) from error


def _coupons(errands: Iterable[Errand]) -> dict[tuple[int, int], dict[str, object]]:
    """The codes that these want to say, by journey and move."""
    wanted = {
        tuple(errand.event.data["coupon"])
        for errand in errands
        if errand.event.data["coupon"] is not None and not errand.step.gives_coupon
    }
    if not wanted:
        return {}
    given = StepRun.objects.filter(
        journey__in={journey for journey, _moves in wanted}, outcome=RunOutcome.DONE
    )
    return {
        (journey, moves): result[VALUES]
        for journey, moves, result in given.values_list("journey_id", "moves", "result")
        if (journey, moves) in wanted and VALUES in result
    }
