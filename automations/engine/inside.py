"""Who is inside: the journeys of some customers that wait or are held."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from automations.engine.journeys import INSIDE
from automations.engine.trouble import Busy
from automations.journey_row import JourneyRow, journey_rows
from automations.models import Journey
from automations.models.journey import JourneyState


@dataclass(slots=True)
class Seat:
    """A journey inside, in short; `journey` once its row is locked, or where this batch made it."""

    pk: int
    automation_id: int
    version_id: int
    thread: str
    parent_id: int | None
    awaits: str
    journey: JourneyRow | None = None

    @property
    def is_taken(self) -> bool:
        """Still inside, as far as this batch knows."""
        return self.journey is None or self.journey.state in INSIDE


class Inside:
    """By subject, oldest first. Looking is exact under the shard's lock, but for what staff do."""

    def __init__(self, subjects: Iterable[str]) -> None:
        self._seats: dict[str, list[Seat]] = defaultdict(list)
        found = Journey.objects.filter(subject__in=set(subjects), state__in=INSIDE).order_by("pk")
        columns = ("pk", "automation_id", "version_id", "thread", "parent_id", "awaits")
        for subject, *values in found.values_list("subject", *columns):
            self._seats[subject].append(Seat(*values))

    def of(self, subject: str) -> list[Seat]:
        return [seat for seat in self._seats.get(subject, ()) if seat.is_taken]

    def seats(self, automation_id: int, thread: str, subject: str) -> list[Seat]:
        """Those in that thread, branches included."""
        return [
            seat
            for seat in self.of(subject)
            if seat.automation_id == automation_id and seat.thread == thread
        ]

    def holds(self, automation_id: int, thread: str, subject: str) -> bool:
        """Whether somebody is inside that thread (as a whole; branches do not count)."""
        return any(not seat.parent_id for seat in self.seats(automation_id, thread, subject))

    def add(self, journey: JourneyRow) -> None:
        """One that this batch let in."""
        self._seats[journey.subject].append(
            Seat(
                journey.id,
                journey.automation_id,
                journey.version_id,
                journey.thread,
                journey.parent_id,
                journey.awaits,
                journey,
            )
        )

    def lock(self, seats: Iterable[Seat]) -> None:
        """Load and lock their rows. Raises Busy where staff hold one of them at this moment."""
        wanted = {seat.pk: seat for seat in seats if seat.journey is None}
        if not wanted:
            return
        rows = Journey.objects.filter(pk__in=wanted).order_by("pk")
        for journey in journey_rows(rows.select_for_update(no_key=True, skip_locked=True)):
            wanted.pop(journey.id).journey = journey
        if wanted:
            raise Busy


def is_waiting(journey: JourneyRow) -> bool:
    return journey.state == JourneyState.WAITING
