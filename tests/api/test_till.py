"""What a till does to a card."""

from datetime import timedelta

import pytest

from loyalty import cards, clock
from loyalty.models import Event, Operation, Reward
from tests.api.caller import said
from tests.cast import balances, card_of

TOO_MUCH = 10**9 + 1
# Everything that is not a JSON integer from 1 to 10⁹, as raw JSON.
NO_AMOUNTS = [
    *("0", "-0", "-1", "-1000000000", "-9223372036854775808", str(TOO_MUCH), "2147483648"),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 40, "9" * 5000),
    *("0.0", "1.0", "1.5", "0.1", "-0.5", "1e0", "1e2", "1E+1000000", "1e400", "-1e400", "1e-9"),
    *("999999999.9999999", "1.0000000000000001", "NaN", "Infinity", "-Infinity", "nan", "inf"),
    *("true", "false", "null", '""', '" "', '"1"', '"10"', '"-1"', '"1.0"', '"ten"', '"1e3"'),
    *('"0x10"', '"١"', '"１"', '"1 000"', '"1,000"', '"+1"', '"NaN"', '"\\u0000"', '"\\ud800"'),
    *("[]", "[1]", "[[1]]", "{}", '{"amount":1}', '{"$gt":0}', "0x10", "010", "+1", "1_000", "1,0"),
    *("1 2", "'1'", ".5", "5.", "1e", "--1", "∞"),
]


def operations():
    return Operation.objects.exclude(kind="issue")


# --- Accrue ---------------------------------------------------------------------------------------


def test_stamps_are_given(till, coffee_card):
    answer = till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 3, "comment": "hello"})

    body = answer.json()
    assert answer.status_code == 200
    assert body["operation"]["entries"] == [{"unit": "stamps", "amount": 3, "balance": 3}]
    assert (body["operation"]["kind"], body["operation"]["comment"]) == ("accrue", "hello")
    assert body["card"]["balances"] == {"stamps": 3, "rewards": 0}
    assert body["card"]["customer"]["name"] == "Dora"
    assert body["crossed"] == []


def test_ten_stamps_on_a_full_row_become_a_reward(till, coffee_card):
    body = till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 10}).json()

    assert body["operation"]["entries"] == [
        {"unit": "stamps", "amount": 10, "balance": 10},
        {"unit": "stamps", "amount": -10, "balance": 0},
        {"unit": "rewards", "amount": 1, "balance": 1},
    ]
    assert body["crossed"] == [{"unit": "stamps", "at": 10, "mark": "reward"}]


def test_the_operation_is_at_the_tokens_location(till, coffee_card, location):
    till.once(f"cards/{coffee_card.serial}/accrue/", {"amount": 1})

    operation = operations().get()
    assert (operation.location, operation.actor) == (location, f"token:{till.token.pk}")


def test_a_purchase_earns_and_is_an_order(till, aurora_card):
    path = f"cards/{aurora_card.serial}/accrue/"

    body = till.once(path, {"purchase_cents": 1999, "order_key": "shopify:1"}).json()

    assert body["operation"]["entries"] == [{"unit": "points", "amount": 19, "balance": 19}]
    order = aurora_card.customer.orders.get()
    assert (order.key, order.platform, order.total_cents) == ("shopify:1", "counter", 1999)


def test_a_bare_number_needs_the_right_to_adjust_where_spending_counts(till, office, aurora_card):
    path = f"cards/{aurora_card.serial}/accrue/"

    refused, done = till.once(path, {"amount": 5}), office.once(path, {"amount": 5})

    assert said(refused) == (403, "forbidden")
    assert done.json()["card"]["balances"] == {"points": 5}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "amount_required"),
        ({"comment": "x"}, "amount_required"),
        ({"amount": 1, "unit": "points"}, "illegal_operation"),
        ({"amount": 1, "unit": "gold"}, "illegal_operation"),
        ({"visits": 1}, "illegal_operation"),
        ({"purchase_cents": 100}, "illegal_operation"),
        ({"amount": 1, "visits": 1}, "invalid"),
        ({"amount": 1, "purchase_cents": 1}, "invalid"),
        ({"unit": "stamps"}, "invalid"),
        ({"amount": 1, "order_key": "o"}, "invalid"),
        ({"amount": 1, "comment": "x" * 501}, "invalid"),
        ({"amount": 1, "comment": 1}, "invalid"),
        ({"amount": 1, "balance": 5}, "unknown_field"),
        ({"amount": 1, "reward": 5}, "unknown_field"),
        ({"amount": 1, "": 5}, "unknown_field"),
        ([{"amount": 1}], "invalid"),
        ("amount", "invalid"),
        (b"null", "invalid"),
        (None, "amount_required"),
    ],
    ids=str,
)
def test_what_cannot_be_accrued_is_refused(till, coffee_card, body, code):
    answer = till.post(f"cards/{coffee_card.serial}/accrue/", body, key="k")

    assert said(answer) == (400, code)
    assert not operations().exists()


def taken_as_amounts(caller, path, field):
    """Those of NO_AMOUNTS that were not refused."""
    bodies = {text: f'{{"{field}": {text}}}'.encode() for text in NO_AMOUNTS}
    answers = {text: said(caller.post(path, body, key="k")) for text, body in bodies.items()}
    return {text: answer for text, answer in answers.items() if answer != (400, "invalid")}


@pytest.mark.parametrize("field", ["amount", "purchase_cents", "visits"])
def test_an_amount_is_an_integer_from_one_to_a_billion(office, coffee_card, field):
    assert taken_as_amounts(office, f"cards/{coffee_card.serial}/accrue/", field) == {}

    assert not operations().exists()


def test_a_billion_is_an_amount(office, aurora_card):
    answer = office.once(f"cards/{aurora_card.serial}/accrue/", {"amount": 10**9})

    assert answer.json()["card"]["balances"] == {"points": 10**9}


# --- Redeem ---------------------------------------------------------------------------------------


def test_an_empty_wish_takes_one_reward_of_a_stamp_card(till, full_card):
    body = till.once(f"cards/{full_card.serial}/redeem/").json()

    assert body["operation"]["entries"] == [{"unit": "rewards", "amount": -1, "balance": 0}]
    assert body["card"]["balances"] == {"stamps": 2, "rewards": 0}


def test_no_body_at_all_is_an_empty_wish(till, full_card):
    assert till.post(f"cards/{full_card.serial}/redeem/", key="k").status_code == 200


def test_more_than_there_is_cannot_be_taken(till, coffee_card):
    answer = till.once(f"cards/{coffee_card.serial}/redeem/")

    assert said(answer) == (409, "insufficient_balance")
    assert balances(coffee_card) == {"stamps": 0, "rewards": 0}


def test_a_reward_costs_its_price(till, alice, aurora):
    card, cake = card_of(alice, aurora), Reward.objects.get(price=50)

    body = till.once(f"cards/{card.serial}/redeem/", {"reward": cake.pk}).json()

    assert body["operation"]["entries"] == [{"unit": "points", "amount": -50, "balance": 50}]
    assert Event.objects.get(name="reward_redeemed").data["reward"] == "A piece of cake"


def test_a_reward_that_is_too_dear_stays(till, alice, aurora):
    card, breakfast = card_of(alice, aurora), Reward.objects.get(price=150)

    answer = till.once(f"cards/{card.serial}/redeem/", {"reward": breakfast.pk})

    assert said(answer) == (409, "insufficient_balance")
    assert balances(card) == {"points": 100}


def test_a_reward_of_another_program_is_not_there(till, full_card, aurora):
    answer = till.once(f"cards/{full_card.serial}/redeem/", {"reward": aurora.rewards.first().pk})

    assert said(answer) == (409, "reward_unavailable")


def test_bare_points_need_the_right_to_adjust(till, office, alice, aurora):
    path = f"cards/{card_of(alice, aurora).serial}/redeem/"

    refused, done = till.once(path, {"amount": 5}), office.once(path, {"amount": 5})

    assert said(refused) == (403, "forbidden")
    assert done.json()["card"]["balances"] == {"points": 95}


def test_a_reward_card_wants_to_know_what(till, alice, aurora):
    answer = till.once(f"cards/{card_of(alice, aurora).serial}/redeem/")

    assert said(answer) == (400, "amount_required")


@pytest.mark.parametrize("field", ["amount", "reward"])
def test_what_is_taken_is_an_integer_too(office, full_card, field):
    assert taken_as_amounts(office, f"cards/{full_card.serial}/redeem/", field) == {}

    assert balances(full_card) == {"stamps": 2, "rewards": 1}


@pytest.mark.parametrize("verb", ["accrue", "redeem"])
def test_an_expired_card_does_nothing(till, full_card, verb):
    cards.change_expiry(full_card, clock.now() - timedelta(seconds=1), now=clock.now())

    answer = till.once(f"cards/{full_card.serial}/{verb}/", {"amount": 1})

    assert said(answer) == (409, "card_expired")
    assert balances(full_card) == {"stamps": 2, "rewards": 1}
