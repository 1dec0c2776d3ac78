"""A code in front of the reader."""

from datetime import timedelta

import pytest

from loyalty import cards, clock, guesses
from loyalty.models import Event, Guess
from tests.api.caller import said
from tests.cast import BY_STAFF


def scans():
    return Event.objects.filter(name="card_scanned")


@pytest.mark.parametrize("way", ["code", "serial", "number"])
def test_a_card_is_found_by_what_is_on_it(till, coffee_card, way):
    answer = till.post("scan/", {"code": getattr(coffee_card, way)})

    assert answer.status_code == 200
    assert answer.json()["card"]["serial"] == coffee_card.serial
    assert scans().get().card == coffee_card


def test_a_number_may_be_typed_with_gaps(till, coffee_card):
    spaced = " ".join(coffee_card.number[at : at + 4] for at in range(0, 17, 4))

    assert till.post("scan/", {"code": spaced}).status_code == 200


def test_the_scanner_sees_the_card_and_a_masked_customer(till, coffee_card):
    card = till.post("scan/", {"code": coffee_card.code}).json()["card"]

    assert card == {
        "serial": coffee_card.serial,
        "number": coffee_card.number,
        "program": {"slug": "coffee", "name": "Coffee card", "type": "stamp"},
        "status": "active",
        "installed": False,
        "expires_at": None,
        "customer": {
            "id": coffee_card.customer_id,
            "name": "Dora",
            "email": "d…@e….com",
            "phone": "",
            "tier": None,
            "has_birthday": False,
        },
        "balances": {"stamps": 0, "rewards": 0},
        "debt": {},
        "can": ["accrue", "redeem"],
        "rewards": [],
        "claims": [],
    }


def test_who_may_see_customers_sees_them_whole(office, alice):
    card = alice.cards.first()

    holder = office.post("scan/", {"code": card.code}).json()["card"]["customer"]

    assert holder == {
        "id": alice.pk,
        "name": "Alice Arnold",
        "email": "alice@example.com",
        "phone": "+41446681800",
        "tier": None,
        "has_birthday": False,
    }


def test_an_expired_card_is_shown_and_can_do_nothing(till, coffee_card):
    cards.change_expiry(coffee_card, clock.now() - timedelta(days=1), now=clock.now())

    card = till.post("scan/", {"code": coffee_card.code}).json()["card"]

    assert (card["status"], card["can"]) == ("expired", [])
    assert scans().count() == 1


def test_unknown_blocked_and_deleted_cards_get_the_very_same_answer(till, alice, coffee_card, now):
    blocked, deleted = alice.cards.all()
    cards.block(blocked, now=now)
    cards.delete(deleted, cause=BY_STAFF, now=now)

    answers = [till.post("scan/", {"code": code}) for code in ("?", blocked.code, deleted.code)]

    assert {said(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.content for answer in answers}) == 1
    assert not scans().exists()


def test_each_scan_is_told(till, coffee_card):
    for _time in range(2):
        till.post("scan/", {"code": coffee_card.code})

    assert scans().count() == 2


def test_a_scan_with_a_key_is_told_once(till, coffee_card):
    first, again = (till.post("scan/", {"code": coffee_card.code}, key="s1") for _time in "12")

    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert scans().count() == 1


def test_the_key_of_a_scan_is_not_another_scans(till, alice):
    first, second = alice.cards.all()
    till.post("scan/", {"code": first.code}, key="s1")

    answer = till.post("scan/", {"code": second.code}, key="s1")

    assert said(answer) == (409, "key_reuse")
    assert scans().count() == 1


# --- Guessing -------------------------------------------------------------------------------------


def test_after_sixty_unknown_codes_a_token_has_to_wait(till, coffee_card):
    answers = [till.post("scan/", {"code": f"no-{n}"}) for n in range(62)]

    assert {said(answer) for answer in answers[:60]} == {(404, "not_found")}
    assert {said(answer) for answer in answers[60:]} == {(429, "throttled")}
    assert 0 < int(answers[60]["Retry-After"]) <= 600
    assert Guess.objects.count() == 60


def test_a_code_that_exists_is_always_answered(till, coffee_card):
    for n in range(61):
        till.post("scan/", {"code": f"no-{n}"})

    assert till.post("scan/", {"code": coffee_card.code}).status_code == 200


def test_other_tokens_do_not_wait(till, caller):
    for n in range(61):
        till.post("scan/", {"code": f"no-{n}"})

    other = caller("scanner", "events").post("scan/", {"code": "no"})

    assert said(other) == (404, "not_found")


def test_the_wait_is_over_when_it_was_said_to_be(till, time_machine):
    time_machine.move_to("2026-03-03T10:00:00Z", tick=False)
    for n in range(60):
        till.post("scan/", {"code": f"no-{n}"})
        time_machine.shift(1)
    seconds = int(till.post("scan/", {"code": "no"})["Retry-After"])

    time_machine.shift(seconds - 1)
    early = till.post("scan/", {"code": "no"})
    time_machine.shift(1)
    answers = [till.post("scan/", {"code": "no"}) for _time in "12"]

    assert said(early) == (429, "throttled")
    # One guess has left the window, so one may be made.
    assert [said(answer)[0] for answer in answers] == [404, 429]


def test_guesses_are_forgotten_when_they_no_longer_count(till, now):
    guesses.count(till.token, now=now)

    guesses.count(till.token, now=now + guesses.WINDOW)

    assert Guess.objects.get().at == now + guesses.WINDOW
