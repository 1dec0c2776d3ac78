"""The same key and the same request: the very same answer, and nothing done twice."""

import json
import threading

import pytest
from django.db import connection

from loyalty import cards, customers
from loyalty.models import Card, Operation, Order
from tests.api.caller import Caller, said
from tests.cast import BY_STAFF, balances


def calls(coffee_card, dora, aurora):
    """Each call that needs a key, and what it needs to be there."""
    serial = coffee_card.serial
    return {
        "accrue": (f"cards/{serial}/accrue/", {"amount": 3}),
        "redeem": (f"cards/{serial}/redeem/", {}),
        "reverse": (f"operations/{_given(coffee_card).pk}/reverse/", {"reason": "oops"}),
        "issue": ("cards/", {"program": "aurora", "customer": {"id": dora.pk}}),
    }


def _given(card):
    return card.operations.exclude(kind="issue").get()


@pytest.fixture
def call(request, office, coffee_card, dora, aurora):
    office.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 10})
    return calls(coffee_card, dora, aurora)[request.param]


each_call = pytest.mark.parametrize("call", ["accrue", "redeem", "reverse", "issue"], indirect=True)


@each_call
def test_a_replay_is_answered_byte_for_byte_and_says_so(office, call):
    path, body = call

    first, again = office.post(path, body, key="k1"), office.post(path, body, key="k1")

    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)


@each_call
def test_a_replay_does_nothing(office, call):
    path, body = call
    office.post(path, body, key="k1")
    before = Operation.objects.count()

    office.post(path, body, key="k1")

    assert Operation.objects.count() == before


@each_call
def test_a_replay_stays_what_it_was_when_the_card_goes_on(office, coffee_card, call):
    path, body = call
    first = office.post(path, body, key="k1")
    office.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    assert office.post(path, body, key="k1").content == first.content


@each_call
def test_the_customer_in_a_replay_is_who_they_are_now(office, dora, call, now):
    path, body = call
    office.post(path, body, key="k1")
    customers.change(dora, {"first_name": "Dorothea"}, cause=BY_STAFF, now=now)

    again = office.post(path, body, key="k1").json()

    assert again.get("card", again)["customer"]["name"] == "Dorothea"


@each_call
def test_once_the_customer_is_gone_a_replay_is_not_found(office, dora, call, now):
    path, body = call
    office.post(path, body, key="k1")
    customers.erase(dora, cause=BY_STAFF, now=now)

    assert said(office.post(path, body, key="k1")) == (404, "not_found")


@each_call
def test_once_the_card_is_gone_a_replay_is_not_found(office, call, now):
    path, body = call
    answer = office.post(path, body, key="k1").json()
    card = Card.objects.get(serial=answer.get("card", answer)["serial"])
    cards.delete(card, cause=BY_STAFF, now=now)

    assert said(office.post(path, body, key="k1")) == (404, "not_found")


@each_call
def test_another_request_under_the_same_key_is_refused(office, coffee_card, call):
    path, body = call
    office.post(path, body, key="k1")
    before = Operation.objects.count()

    other = office.post(f"cards/{coffee_card.serial}/accrue/", {"amount": 7}, key="k1")

    assert said(other) == (409, "key_reuse")
    assert Operation.objects.count() == before


@each_call
def test_without_a_key_it_is_refused(office, call):
    path, body = call
    before = Operation.objects.count()

    assert said(office.post(path, body)) == (400, "key_required")
    assert Operation.objects.count() == before


@each_call
def test_how_the_body_is_spelt_makes_no_difference(office, call):
    path, body = call
    backwards = json.dumps(dict(reversed(body.items())), indent=3).encode()

    first, again = office.post(path, body, key="k1"), office.post(path, backwards, key="k1")

    assert again.content == first.content


@pytest.mark.parametrize("key", ["x" * 129, "ä", "tab\tkey", "\x7f"])
def test_a_key_is_printable_ascii_of_at_most_128_characters(till, coffee_card, key):
    answer = till.post(f"cards/{coffee_card.serial}/accrue/", {"amount": 1}, key=key)

    assert said(answer) == (400, "invalid")
    assert list(answer.json()["fields"]) == ["Idempotency-Key"]
    assert balances(coffee_card)["stamps"] == 0


@pytest.mark.parametrize("key", ["x", "x" * 128, "order 4711/ü".replace("ü", "u"), "~!@:{}"])
def test_other_keys_are_keys_and_are_shown(till, coffee_card, key):
    answer = till.post(f"cards/{coffee_card.serial}/accrue/", {"amount": 1}, key=key)

    assert answer.json()["operation"]["key"] == key


def test_the_keys_of_two_tokens_never_meet(till, office, coffee_card):
    path = f"cards/{coffee_card.serial}/accrue/"

    answers = [one.post(path, {"amount": 1}, key="k1") for one in (till, office)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert balances(coffee_card)["stamps"] == 2


def test_a_refusal_is_not_remembered(till, coffee_card):
    path = f"cards/{coffee_card.serial}/redeem/"
    refused = till.post(path, {}, key="k1")
    till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 10})

    done = till.post(path, {}, key="k1")

    assert said(refused) == (409, "insufficient_balance")
    assert done.status_code == 200
    assert "Idempotent-Replayed" not in done


def test_a_purchase_is_one_order_however_often_it_is_sent(till, aurora_card):
    body = {"purchase_cents": 500, "order_key": "till:1"}

    answers = [
        till.post(f"cards/{aurora_card.serial}/accrue/", body, key="k1") for _time in range(3)
    ]

    assert len({answer.content for answer in answers}) == 1
    assert Order.objects.count() == 1
    assert balances(aurora_card) == {"points": 5}


# --- Twins ----------------------------------------------------------------------------------------


def at_once(count, call):
    """What that many threads got who called at the same moment."""
    start, answers = threading.Barrier(count), [None] * count

    def run(place):
        start.wait(10)
        try:
            answers[place] = call(place)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


only_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite in memory has one connection."
)


@only_postgresql
@pytest.mark.django_db(transaction=True)
@each_call
def test_twins_at_the_same_moment_are_one(office, call):
    path, body = call
    before = Operation.objects.count()

    answers = at_once(6, lambda _place: Caller(plain=office.plain).post(path, body, key="k1"))

    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Operation.objects.count() == before + 1


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_cards_at_the_same_moment_does_one_thing(office, alice):
    first, second = alice.cards.all()

    answers = at_once(
        6,
        lambda place: Caller(plain=office.plain).post(
            f"cards/{(first, second)[place % 2].serial}/accrue/", {"amount": 1}, key="k1"
        ),
    )

    assert sorted({answer.status_code for answer in answers}) == [200, 409]
    assert Operation.objects.filter(actor=f"token:{office.token.pk}").count() == 1


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_guessing_in_parallel_does_not_get_further(till):
    answers = at_once(
        8,
        lambda place: [
            Caller(plain=till.plain).post("scan/", {"code": f"{place}-{n}"}).status_code
            for n in range(10)
        ],
    )

    codes = [code for answer in answers for code in answer]
    assert (codes.count(404), codes.count(429)) == (60, 20)
