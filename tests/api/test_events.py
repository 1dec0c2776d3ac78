"""Events from outside, over the API."""

import pytest

from loyalty.events import RESERVED
from loyalty.models import Customer, Event
from tests.api.caller import said

QUIZ = {
    "name": "quiz_done",
    "key": "quiz-1",
    "customer": {"email": "dora@example.com"},
    "occurred_at": "2026-03-01T10:00:00Z",
    "data": {"score": 7, "share": 0.5, "tags": ["a"], "nested": {"deep": None}},
}
UNFIT: dict[str, list[object]] = {
    "name": ["", 5, None, "x" * 81, ["quiz"]],
    "key": ["", 5, None, "x" * 151, "ü"],
    "customer": [{}, None, "dora", {"id": 999}, {"mail": "x"}, {"email": 5}, True],
    "occurred_at": ["now", 1_772_000_000, "9999-12-31T23:00:00-05:00"],
    "data": [[], "x", 5, None],
}


def external():
    return Event.objects.filter(name="quiz_done")


def test_an_event_is_taken_in(office, dora):
    answer = office.post("events/", QUIZ)

    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "duplicates": 0, "errors": []}
    event = external().get()
    assert (event.customer, event.data) == (dora, QUIZ["data"])
    assert event.cause == f"api:{office.token.pk}"


def test_the_same_event_again_is_a_duplicate(office, dora):
    office.post("events/", QUIZ)

    assert office.post("events/", QUIZ).json() == {"accepted": 0, "duplicates": 1, "errors": []}
    assert external().count() == 1


def test_a_list_is_taken_item_by_item(office, dora):
    items = [
        QUIZ,
        QUIZ,
        QUIZ | {"key": "quiz-2", "name": "order_paid"},
        QUIZ | {"data": {"score": 8}},
        QUIZ | {"key": "quiz-3", "surprise": 1},
        "not an object",
        QUIZ | {"key": "quiz-4", "data": {"x": "y" * 16_400}},
        QUIZ | {"key": "quiz-5", "customer": {"id": 999}},
        QUIZ | {"key": "quiz-6"},
    ]

    answer = office.post("events/", items)

    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (2, 1)
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [
        (2, "reserved_name"),
        (3, "key_reuse"),
        (4, "unknown_field"),
        (5, "invalid"),
        (6, "too_large"),
        (7, "invalid"),
    ]
    assert all(error["message"] for error in answer.json()["errors"])
    assert external().count() == 2


def test_a_thousand_are_taken_and_no_more(office, dora):
    items = [QUIZ | {"key": f"q{n}", "data": {}} for n in range(1_001)]

    too_many, enough = office.post("events/", items), office.post("events/", items[:1_000])

    assert said(too_many) == (413, "too_large")
    assert enough.json()["accepted"] == external().count() == 1_000


def test_an_empty_list_is_nothing(office, business):
    assert office.post("events/", []).json() == {"accepted": 0, "duplicates": 0, "errors": []}


def test_the_products_own_names_are_not_for_others(office, dora):
    for name in RESERVED:
        answer = office.post("events/", QUIZ | {"name": name})
        assert said(answer) == (400, "reserved_name"), name

    assert not Event.objects.filter(key__endswith="quiz-1").exists()


@pytest.mark.parametrize("name", ["e", "quiz"])
def test_any_other_name_may_be_used(office, dora, name):
    assert office.post("events/", QUIZ | {"name": name}).status_code == 202


@pytest.mark.parametrize("name", UNFIT)
def test_a_single_event_that_does_not_fit_is_refused(office, dora, name):
    for value in UNFIT[name]:
        status, code = said(office.post("events/", QUIZ | {name: value}))
        assert (status, code in {"invalid", "unknown_field"}) == (400, True), value

    assert not external().exists()


def test_other_content_under_the_same_key_is_refused(office, dora):
    office.post("events/", QUIZ)

    assert said(office.post("events/", QUIZ | {"data": {}})) == (409, "key_reuse")


def test_data_has_room_for_sixteen_kilobytes(office, dora):
    room = 16 * 1024 - len('{"x": ""}')

    fits = office.post("events/", QUIZ | {"data": {"x": "y" * room}})
    too_much = office.post("events/", QUIZ | {"key": "q2", "data": {"x": "y" * (room + 1)}})

    assert fits.status_code == 202
    assert said(too_much) == (413, "too_large")


def test_the_keys_of_two_tokens_never_meet(office, caller, dora):
    other = caller("events")

    answers = [one.post("events/", QUIZ).json()["accepted"] for one in (office, other)]

    assert answers == [1, 1]


def test_whom_nobody_knows_is_made_without_consent(office, business):
    office.post("events/", QUIZ)

    assert not Customer.objects.get().consents_to("email")
