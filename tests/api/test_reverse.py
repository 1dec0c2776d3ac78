"""Undoing what was done to a card, and its history."""

from datetime import timedelta

import pytest

from loyalty.models import Operation
from tests.api.caller import said
from tests.cast import balances


def operations():
    return Operation.objects.exclude(kind="issue")


def test_an_operation_is_undone_whole_and_once(till, full_card):
    path = f"operations/{operations().get().pk}/reverse/"

    done, again = till.once(path, {"reason": "wrong"}), till.once(path, {"reason": "wrong"})

    assert done.json()["card"]["balances"] == {"stamps": 0, "rewards": 0}
    assert done.json()["operation"]["reverses"] == operations().get(kind="accrue").pk
    assert said(again) == (409, "already_reversed")


def test_another_tokens_operation_is_not_ones_own(caller, full_card):
    other = caller("scanner", "events")

    answer = other.once(f"operations/{operations().get().pk}/reverse/", {"reason": "mine?"})

    assert said(answer) == (403, "forbidden")
    assert balances(full_card) == {"stamps": 2, "rewards": 1}


def test_after_a_quarter_of_an_hour_it_is_too_late(till, full_card, time_machine):
    time_machine.move_to(operations().get().at + timedelta(minutes=15, seconds=1))

    answer = till.once(f"operations/{operations().get().pk}/reverse/", {"reason": "late"})

    assert said(answer) == (403, "forbidden")


def test_what_an_order_earned_is_not_undone_by_hand(office, dora, aurora_card):
    office.post(
        "orders/",
        {
            "key": "web:1",
            "customer": {"id": dora.pk},
            "total_cents": 5000,
            "currency": "USD",
            "status": "paid",
        },
    )

    answer = office.once(f"operations/{operations().get().pk}/reverse/", {"reason": "no"})

    assert said(answer) == (400, "illegal_operation")
    assert balances(aurora_card) == {"points": 50}


@pytest.mark.parametrize("operation_id", [0, 999, 2**31, 2**63, 10**30])
def test_an_unknown_operation_is_not_found(till, coffee_card, operation_id):
    answer = till.once(f"operations/{operation_id}/reverse/", {"reason": "?"})

    assert said(answer) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": None}, {"reason": 5}])
def test_a_reversal_says_why(till, full_card, body):
    answer = till.once(f"operations/{operations().get().pk}/reverse/", body)

    assert said(answer) == (400, "invalid")
    assert list(answer.json()["fields"]) == ["reason"]


# --- History --------------------------------------------------------------------------------------


def test_the_history_shows_what_was_answered(till, full_card):
    done = till.once(f"cards/{full_card.serial}/redeem/", {"comment": "at noon"}).json()

    found = till.get(f"cards/{full_card.serial}/operations/").json()["results"]

    assert [operation["kind"] for operation in found] == ["redeem", "accrue", "issue"]
    assert found[0] == done["operation"]


def test_the_history_costs_the_same_however_long_it_is(
    till, coffee_card, django_assert_max_num_queries
):
    for _time in range(8):
        till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    with django_assert_max_num_queries(8):
        till.get(f"cards/{coffee_card.serial}/operations/")


def test_nobody_undoes_what_others_did_whatever_their_scopes(office, full_card):
    answer = office.once(f"operations/{operations().get().pk}/reverse/", {"reason": "mine?"})

    assert said(answer) == (403, "forbidden")
    assert operations().count() == 1
