"""Who entered before: what the entry rules ask of the table of enrolments."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from automations.models import Enrolment

# An automation, the key of its thread, a subject.
SeatKey = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `seat` was taken under `key`, and what else it was taken under since a moment."""

    seat: SeatKey
    key: str
    since: datetime


class Entries:
    """The answers for one batch, and what the batch itself adds to them."""

    def __init__(self, questions: Iterable[Question], today: datetime) -> None:
        self._today_began = today
        self._asked: set[tuple[SeatKey, str]] = set()
        self._keys: set[tuple[SeatKey, str]] = set()
        self._latest: dict[SeatKey, datetime] = {}
        self._today: Counter[tuple[int, str]] = Counter()
        asked = list(questions)
        self._asked.update((each.seat, each.key) for each in asked)
        for automation, thread, subject, key, at in sorted(_found(asked)):
            self.add((automation, thread, subject), key, at)

    def has(self, seat: SeatKey, key: str) -> bool:
        """Whether that seat was taken under that key, ever."""
        if (seat, key) not in self._asked and (seat, key) not in self._keys:
            # A field's value may have changed since the question was put, by a step of this batch.
            automation, thread, subject = seat
            return Enrolment.objects.filter(
                automation=automation, thread=thread, subject=subject, key=key
            ).exists()
        return (seat, key) in self._keys

    def latest(self, seat: SeatKey) -> datetime | None:
        """When it was taken last, as far back as was asked."""
        return self._latest.get(seat)

    def today(self, automation_id: int, subject: str) -> int:
        """How often the subject has entered that automation today."""
        return self._today[automation_id, subject]

    def add(self, seat: SeatKey, key: str, at: datetime) -> None:
        if (seat, key) in self._keys:
            return
        self._keys.add((seat, key))
        self._latest[seat] = max(at, self._latest.get(seat, at))
        if at >= self._today_began:
            automation, _thread, subject = seat
            self._today[automation, subject] += 1


Row = tuple[int, str, str, str, datetime]

_COLUMNS = "automation_id, thread, subject, key, at"


def _found(asked: list[Question]) -> set[Row]:
    """One statement: a probe of the unique index for each key, one of the index by subject for each
    look back. Lists side by side (`IN … AND IN …`) would be tried in every combination, and arms
    that are not materialised are given to parallel workers, who take longer to start than it takes.
    """
    if not asked:
        return set()
    keys = sorted({(*each.seat, each.key) for each in asked})
    arms = [f"(automation_id, thread, subject, key) IN ({_values(keys)})"]
    parameters: list[int | str | datetime | None] = [value for row in keys for value in row]
    for since, people in _by_moment(asked).items():
        arms.append(f"(automation_id, subject) IN ({_values(people)}) AND at >= %s")
        parameters += [value for row in people for value in row]
        parameters.append(connection.ops.adapt_datetimefield_value(since))
    table = connection.ops.quote_name(Enrolment._meta.db_table)
    named = [
        f"a{number} AS MATERIALIZED (SELECT {_COLUMNS} FROM {table} WHERE {arm})"
        for number, arm in enumerate(arms)
    ]
    every = " UNION ALL ".join(f"SELECT {_COLUMNS} FROM a{number}" for number in range(len(arms)))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(named)} {every}", parameters)
        return {(*seat, _moment(at)) for *seat, at in cursor.fetchall()}


def _moment(at: datetime) -> datetime:
    """SQLite keeps moments in UTC and does not say so."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _by_moment(asked: Iterable[Question]) -> dict[datetime, list[tuple[int, str]]]:
    found: dict[datetime, set[tuple[int, str]]] = defaultdict(set)
    for each in asked:
        automation, _thread, subject = each.seat
        found[each.since].add((automation, subject))
    return {since: sorted(people) for since, people in sorted(found.items())}


def _values(rows: list[tuple[int, str, str, str]] | list[tuple[int, str]]) -> str:
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    return f"VALUES {', '.join([one] * len(rows))}"
