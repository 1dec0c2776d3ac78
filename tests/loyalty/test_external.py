from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from loyalty import events
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.external import External, accept
from loyalty.models import Customer, Event

pytestmark = pytest.mark.django_db

CAUSE = Cause("api:3")
QUIZ = External(name="quiz_done", key="1", customer=Who(email="alice@example.com"), data={"n": 7})


def take(*items, now, scope="token:3"):
    return accept(items, scope=scope, cause=CAUSE, now=now)


def refusals(answer):
    return [(refused.index, refused.error.code) for refused in answer.errors]


def test_an_event_is_written_as_it_was_told(alice, now):
    earlier = now - timedelta(hours=1)

    answer = take(replace(QUIZ, occurred_at=earlier), now=now)

    assert (answer.accepted, answer.duplicates, answer.errors) == (1, 0, [])
    event = Event.objects.get(name="quiz_done")
    assert event.customer == alice
    assert (event.key, event.data, event.cause) == ("token:3:1", {"n": 7}, "api:3")
    assert event.occurred_at == earlier
    assert event.shard == events.shard_of(alice.subject)
    assert event.entered_at is None


def test_the_same_event_again_is_a_duplicate(alice, now):
    take(QUIZ, now=now)

    answer = take(replace(QUIZ, customer=Who(email="ALICE@example.com")), now=now)

    assert (answer.accepted, answer.duplicates) == (0, 1)
    assert Event.objects.filter(name="quiz_done").count() == 1


def test_the_same_key_for_something_else_is_refused(alice, now):
    take(QUIZ, now=now)

    answer = take(replace(QUIZ, data={"n": 8}), now=now)

    assert refusals(answer) == [(0, "key_reuse")]
    assert Event.objects.get(name="quiz_done").data == {"n": 7}


def test_keys_belong_to_their_sender(alice, now):
    take(QUIZ, now=now)

    assert take(replace(QUIZ, data={}), now=now, scope="token:4").accepted == 1


def test_twins_in_one_call_are_noticed(alice, now):
    answer = take(QUIZ, replace(QUIZ, index=1), replace(QUIZ, index=2, name="quiz_lost"), now=now)

    assert (answer.accepted, answer.duplicates) == (1, 1)
    assert refusals(answer) == [(2, "key_reuse")]


def test_whom_nobody_knows_is_made_once(db, now):
    new = replace(QUIZ, customer=Who(email="new@example.com"))

    answer = take(new, replace(new, index=1, key="2"), now=now)

    assert answer.accepted == 2
    customer = Customer.objects.get()
    assert customer.email == "new@example.com"
    assert not customer.consents_to("email")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "order_paid"}, "reserved_name"),
        ({"name": "cart_updated"}, "reserved_name"),
        ({"name": ""}, "invalid"),
        ({"name": "x" * 81}, "invalid"),
        ({"key": ""}, "invalid"),
        ({"key": "né"}, "invalid"),
        ({"key": "x" * 151}, "invalid"),
        ({"customer": Who()}, "invalid"),
        ({"customer": Who(id=10**9)}, "invalid"),
        ({"customer": Who(email="x\x00@example.com")}, "invalid"),
        ({"occurred_at": datetime(2026, 1, 1)}, "invalid"),  # noqa: DTZ001
        ({"data": {"x": "\ud800"}}, "invalid"),
        ({"data": {"x": float("inf")}}, "invalid"),
        ({"data": {"x": "x" * 16_384}}, "invalid"),
        ({"data": []}, "invalid"),
    ],
)
def test_what_cannot_be_taken_is_refused_alone(change, code, alice, now):
    before = Customer.objects.count()

    answer = take(replace(QUIZ, index=0, **change), replace(QUIZ, index=1, key="ok"), now=now)

    assert refusals(answer) == [(0, code)]
    assert answer.accepted == 1
    assert list(Event.objects.filter(name="quiz_done").values_list("key", flat=True)) == [
        "token:3:ok"
    ]
    assert Customer.objects.count() == before
