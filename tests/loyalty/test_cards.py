from datetime import UTC, datetime, timedelta

import pytest

from loyalty import card_numbers, cards, customers
from loyalty.causes import Cause
from loyalty.errors import Invalid, NotFound
from loyalty.models import Account, Card, Event, Operation
from tests.cast import balances

pytestmark = pytest.mark.django_db

API = Cause("api:3")


def news(card):
    return list(card.events.order_by("pk").values_list("name", flat=True))


# --- Issuing --------------------------------------------------------------------------------------


def test_a_new_card_comes_with_accounts_an_operation_and_news(coffee, bob, now):
    card, made = cards.issue(coffee, bob, cause=API, now=now, key="api:3:first", actor="token:3")

    assert made
    assert balances(card) == {"stamps": 0, "rewards": 0}
    operation = Operation.objects.get(card=card)
    assert (operation.kind, operation.key, operation.actor) == ("issue", "api:3:first", "token:3")
    assert news(card) == ["card_issued"]
    assert card.issued_at == now


def test_a_customer_has_one_active_card_of_a_program(coffee, bob, now):
    first, _made = cards.issue(coffee, bob, cause=API, now=now)
    before = Event.objects.count()

    assert cards.issue(coffee, bob, cause=API, now=now) == (first, False)

    assert Card.objects.count() == 1
    assert Event.objects.count() == before


def test_after_a_deleted_card_comes_a_new_one(coffee, bob, now):
    first, _made = cards.issue(coffee, bob, cause=API, now=now)
    cards.delete(first, cause=API, now=now)

    second, made = cards.issue(coffee, bob, cause=API, now=now)

    assert made
    assert second.pk != first.pk


def test_a_program_that_rests_issues_nothing(coffee, bob, now):
    coffee.is_active = False

    with pytest.raises(Invalid):
        cards.issue(coffee, bob, cause=API, now=now)

    assert not Card.objects.exists()


def test_an_erased_customer_gets_no_card(coffee, bob, now):
    customers.erase(bob, cause=API, now=now)

    with pytest.raises(NotFound):
        cards.issue(coffee, bob, cause=API, now=now)

    assert not Card.objects.exists()
    assert not Account.objects.exists()


# --- Finding --------------------------------------------------------------------------------------


def test_a_card_is_found_by_all_its_names(coffee_card):
    number = coffee_card.number

    for text in (
        coffee_card.code,
        coffee_card.serial,
        number,
        f" {number[:4]} {number[4:8]}-{number[8:]} ",
    ):
        assert cards.find(text) == coffee_card
    assert cards.by_serial(coffee_card.serial) == coffee_card


@pytest.mark.parametrize("text", ["", "nothing", "\x00", "\ud800", "x" * 5_000])
def test_an_unknown_text_finds_nothing(text, coffee_card):
    with pytest.raises(NotFound):
        cards.find(text)
    with pytest.raises(NotFound):
        cards.by_serial(text)


def test_a_blocked_card_is_not_found_until_it_is_unblocked(coffee_card, now):
    cards.block(coffee_card, now=now)
    with pytest.raises(NotFound):
        cards.find(coffee_card.code)

    cards.unblock(coffee_card, now=now)

    assert cards.find(coffee_card.code) == coffee_card


def test_a_card_stays_blocked_while_another_took_its_place(coffee, dora, coffee_card, now):
    cards.block(coffee_card, now=now)
    cards.issue(coffee, dora, cause=API, now=now)

    with pytest.raises(Invalid):
        cards.unblock(coffee_card, now=now)

    coffee_card.refresh_from_db()
    assert coffee_card.status == "blocked"


@pytest.mark.parametrize(
    ("digits", "check"), [("7992739871", "3"), ("400000000000000", "2"), ("0" * 16, "0")]
)
def test_the_check_digit_is_luhns(digits, check):
    assert card_numbers.luhn_digit(digits) == check


def test_a_number_has_sixteen_digits_and_one_that_finds_slips():
    numbers = {card_numbers.new_number() for _hundred in range(100)}

    assert len(numbers) == 100
    for number in numbers:
        assert len(number) == 17
        assert number[-1] == card_numbers.luhn_digit(number[:-1])


# --- Changing -------------------------------------------------------------------------------------


def test_a_card_expires_when_it_was_said(coffee_card, now):
    end = now + timedelta(days=1)

    card = cards.change_expiry(coffee_card, end, now=now)

    assert card.state(now) == "active"
    assert card.state(end) == "expired"
    assert cards.find(card.code) == card


@pytest.mark.parametrize("end", [datetime(2030, 1, 1), datetime(9999, 12, 31, 23, tzinfo=UTC)])  # noqa: DTZ001
def test_an_end_that_cannot_be_kept_is_refused(end, coffee_card, now):
    with pytest.raises(Invalid):
        cards.change_expiry(coffee_card, end, now=now)

    coffee_card.refresh_from_db()
    assert coffee_card.expires_at is None


def test_a_deleted_card_is_told_once_and_keeps_its_ledger(coffee_card, now):
    for _twice in range(2):
        cards.delete(coffee_card, cause=API, now=now)

    with pytest.raises(NotFound):
        cards.find(coffee_card.serial)
    assert news(coffee_card) == ["card_issued", "card_deleted"]
    assert Operation.objects.filter(card=coffee_card).exists()


def test_a_device_is_told_of_once(coffee_card, now):
    told = [
        cards.install(coffee_card, device=device, where="web", cause=API, now=now)
        for device in ("a", "a", "b")
    ]

    coffee_card.refresh_from_db()
    assert (told, coffee_card.is_installed) == ([True, False, True], True)
    facts = Event.objects.filter(name="card_installed")
    assert [event.data for event in facts] == [{"program": "coffee", "where": "web"}] * 2


def test_a_card_that_is_gone_is_not_installed(coffee_card, now):
    cards.delete(coffee_card, cause=API, now=now)

    with pytest.raises(NotFound):
        cards.install(coffee_card, device="a", where="web", cause=API, now=now)

    assert not Event.objects.filter(name="card_installed").exists()
