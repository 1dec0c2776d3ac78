import pytest

from loyalty import events
from loyalty.causes import Cause
from loyalty.models import Event

CAUSE = Cause("journey:12", depth=2)


def test_every_fact_has_a_name_of_its_own_and_nobody_outside_may_take_it():
    leaves = {fact for fact in _descendants(events.Fact) if fact.name}

    assert set(events.FACTS.values()) == leaves
    assert all(name == fact.name for name, fact in events.FACTS.items())
    assert set(events.FACTS) <= events.RESERVED


def test_a_fact_is_its_fields():
    fact = events.BalanceChanged(
        unit="points", amount=5, before=1, after=6, cycle=0, cause="order:7"
    )

    assert fact.payload() == {
        "unit": "points",
        "amount": 5,
        "before": 1,
        "after": 6,
        "cycle": 0,
        "cause": "order:7",
    }


def test_a_subject_has_one_shard():
    shards = [events.shard_of(f"customer:{n}") for n in range(2_000)]

    assert events.shard_of("customer:12") == events.shard_of("customer:12")
    assert set(shards) == set(range(events.SHARDS))


@pytest.mark.django_db
def test_an_event_is_written_once_for_its_key(alice, now):
    drafts = [
        events.draft(events.TagAdded("vip"), key=key, customer_id=alice.pk, cause=CAUSE, now=now)
        for key in ("b", "a", "b")
    ]

    assert events.write(drafts[:2]) == 2
    assert events.write(drafts[2:]) == 0

    written = Event.objects.filter(name="tag_added").order_by("pk")
    assert [event.key for event in written] == ["b", "a"]
    assert {(event.cause, event.depth) for event in written} == {("journey:12", 2)}


@pytest.mark.django_db
def test_an_event_is_looked_at_once(alice, now):
    ids = list(Event.objects.values_list("pk", flat=True))

    events.mark_entered(ids[:1], now)

    assert Event.objects.filter(entered_at=now).count() == 1
    assert Event.objects.filter(entered_at=None).count() == len(ids) - 1


def _descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
