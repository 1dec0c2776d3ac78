"""Many rows at once, the same on both databases."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction

from loyalty import bulk
from loyalty.models import Card, Customer, Event, Location

pytestmark = pytest.mark.django_db

MANY = 3 * bulk.COPY_FROM


def events_of(alice: Customer, numbers: range) -> list[Event]:
    return [
        Event(name="waved", key=f"wave {n}", shard=3, customer=alice, data={"n": n}, cause="api:1")
        for n in numbers
    ]


def test_rows_whose_key_is_there_are_left_out_and_not_counted(alice: Customer) -> None:
    bulk.insert(Event, events_of(alice, range(MANY)), ignore_conflicts=True)

    made = bulk.insert(Event, events_of(alice, range(5, MANY + 5)), ignore_conflicts=True)

    assert made == 5
    stored = Event.objects.filter(name="waved")
    assert {event.key: event.data for event in stored} == {
        f"wave {n}": {"n": n} for n in range(MANY + 5)
    }
    assert {(event.customer, event.card, event.entered_at) for event in stored} == {
        (alice, None, None)
    }


def test_what_is_changed_is_written_and_nothing_else(alice: Customer, bob: Customer) -> None:
    rows = [alice, bob]
    for row in rows:
        row.tags, row.first_name = ["seen", "“quoted”"], "not asked for"

    bulk.update(Customer, rows, ["tags"])

    assert [row.tags for row in Customer.objects.all()] == [["seen", "“quoted”"]] * 2
    assert not Customer.objects.filter(first_name="not asked for").exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="its columns have no length")
def test_what_is_too_long_is_refused_and_not_cut(alice: Customer) -> None:
    card = Card.objects.filter(customer=alice).first()
    assert card
    card.status = "a state that no card has"
    many = events_of(alice, range(MANY))
    many[0].key = "k" * 300

    with pytest.raises(DataError), transaction.atomic():
        bulk.update(Card, [card], ["status"])
    with pytest.raises(DataError), transaction.atomic():
        bulk.insert(Event, many, ignore_conflicts=True)


# --- Light rows -----------------------------------------------------------------------------------

AWKWARD = ["tab\t", "line\nline\r", "back\\slash \\N", '"quoted" {a,b}', "NULL", "", "“é” 🎫"]


@dataclass(slots=True)
class Wave:
    """An event as it is written where nobody needs a model; it has no `id` and no `card_id`."""

    key: str
    customer_id: int | None
    data: Any = field(default_factory=dict)
    name: str = "waved"
    fingerprint: str = ""
    shard: Any = 3
    cause: str = "api:1"
    depth: int = 0
    occurred_at: datetime = datetime(2026, 3, 3, 10, tzinfo=UTC)
    created_at: datetime = datetime(2026, 3, 3, 10, 0, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("ignore_conflicts", [False, True])
@pytest.mark.parametrize("times", [1, MANY])
def test_a_light_row_is_stored_as_its_model_would_be(
    alice: Customer, times: int, ignore_conflicts: bool
) -> None:
    rows = [
        Wave(f"{n} {text}", alice.pk if text else None, data={"said": text, "no": None})
        for n in range(times)
        for text in AWKWARD
    ]

    made = bulk.insert(Event, rows, ignore_conflicts=ignore_conflicts)

    assert made == len(rows)
    stored = list(Event.objects.filter(name="waved").order_by("pk"))
    assert [(each.key, each.customer_id, each.data) for each in stored] == [
        (row.key, row.customer_id, row.data) for row in rows
    ]
    assert {(each.card_id, each.entered_at, each.shard, each.cause) for each in stored} == {
        (None, None, 3, "api:1")
    }
    assert {(each.occurred_at, each.created_at) for each in stored} == {
        (rows[0].occurred_at, rows[0].created_at)
    }


@pytest.mark.parametrize("times", [1, MANY])
def test_what_is_missing_and_must_be_there_is_refused(times: int) -> None:
    @dataclass(slots=True)
    class Nameless:
        slug: str
        time_zone: str = "UTC"

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Location, [Nameless(f"place-{n}") for n in range(times)])

    assert not Location.objects.filter(slug__startswith="place").exists()


@pytest.mark.parametrize("times", [1, MANY])
@pytest.mark.parametrize("wrong", [{"shard": "three"}, {"depth": []}, {"occurred_at": "soon"}])
def test_a_value_of_the_wrong_type_is_an_error(times: int, wrong: dict[str, Any]) -> None:
    rows = [Wave(f"wave {n}", None) for n in range(times)]
    for name, value in wrong.items():
        setattr(rows[-1], name, value)

    with pytest.raises((ValueError, TypeError, ValidationError)), transaction.atomic():
        bulk.insert(Event, rows)

    assert not Event.objects.filter(name="waved").exists()


@pytest.mark.parametrize("ignore_conflicts", [False, True])
def test_what_looks_like_the_type_is_stored_as_the_type(ignore_conflicts: bool) -> None:
    rows = [Wave(f"wave {n}", None, shard=shard) for n, shard in enumerate([True, "7", 2] * MANY)]
    rows[0].cause = 4711  # type: ignore[assignment]

    bulk.insert(Event, rows, ignore_conflicts=ignore_conflicts)

    stored = Event.objects.filter(name="waved").order_by("pk")
    assert [each.shard for each in stored] == [1, 7, 2] * MANY
    assert stored[0].cause == "4711"


@pytest.mark.parametrize("times", [1, MANY])
def test_a_key_that_is_there_is_refused_by_the_name_django_gives_it(times: int) -> None:
    """COPY raises where Django does not look; who sets a culprit aside waits for this error."""
    bulk.insert(Event, [Wave("wave 0", None)])

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Event, [Wave(f"wave {n}", None) for n in range(times)])

    assert Event.objects.filter(name="waved").count() == 1


def test_numbers_are_nobody_elses(alice: Customer) -> None:
    bulk.insert(Event, events_of(alice, range(2)))
    taken = {"event": set(Event.objects.values_list("pk", flat=True))}

    first = bulk.ids_of([Event, Location], 3)
    second = bulk.ids_of([Location, Event], 3)
    bulk.insert(Event, [Wave("the next", None)])

    numbers = [*first[0], *second[1], Event.objects.get(key="the next").pk]
    assert len({*numbers, *taken["event"]}) == len(numbers) + len(taken["event"])
    assert len({*first[1], *second[0]}) == 6
