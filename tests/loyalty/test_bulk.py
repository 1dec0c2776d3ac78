"""Many rows at once, the same on both databases."""

import pytest
from django.db import DataError, connection, transaction

from loyalty import bulk
from loyalty.models import Card, Customer, Event

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
