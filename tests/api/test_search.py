"""Cards found by what customers say of themselves."""

from urllib.parse import quote

import pytest

from loyalty import cards, merging
from tests.api.caller import said
from tests.cast import BY_STAFF, person


@pytest.fixture
def edouard(coffee, now):
    edouard = person(now, first_name="Édouard", last_name="Arnaud", phone="+41446681811")
    cards.issue(coffee, edouard, cause=BY_STAFF, now=now)
    return edouard


def names(answer) -> set[str]:
    return {each["customer"]["name"] for each in answer.json()["results"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alice", {"A. A."}),
        ("Arn", {"A. A.", "É. A."}),
        ("arn ALI", {"A. A."}),
        ("éDOUARD", {"É. A."}),
        ("édou", {"É. A."}),
        ("alice@example.com", {"A. A."}),
        ("ALICE@example.COM", {"A. A."}),
        ("alice@example", set()),
        ("1800", {"A. A."}),
        ("044 668 18 00", {"A. A."}),
        ("+41 44 668 18 11", {"É. A."}),
        ("edouard arn", {"É. A."}),
        ("edouard  arnaud", {"É. A."}),
        ("0041 44 668 18 11", {"É. A."}),
        ("+41 (0)44 668-18-11", {"É. A."}),
        ("6681811", {"É. A."}),
        ("lic", set()),
        ("al%e", set()),
        ("al_e", set()),
    ],
)
def test_cards_are_found(till, alice, edouard, text, found):
    answer = till.send("GET", f"cards/?search={quote(text)}")

    assert answer.status_code == 200
    assert names(answer) == found


def test_a_card_is_found_by_its_number(till, coffee_card):
    number = " ".join(coffee_card.number[at : at + 4] for at in range(0, 17, 4))

    assert till.get(f"cards/?search={number}").json() == {
        "results": [
            {
                "serial": coffee_card.serial,
                "program": {"slug": "coffee", "name": "Coffee card"},
                "status": "active",
                "customer": {"name": "D.", "phone_ends": ""},
            }
        ],
        "next": None,
        "previous": None,
    }


@pytest.mark.parametrize("text", ["", "al", "123", "a" * 121, "%00%00%00%00"])
def test_what_is_too_little_is_refused(till, alice, text):
    assert said(till.get(f"cards/?search={text}")) == (400, "invalid")


def test_a_blocked_card_is_not_found(till, coffee_card, now):
    cards.block(coffee_card, now=now)

    assert names(till.get("cards/?search=dora")) == set()


def test_nobody_reads_the_whole_file_by_searching(till, office, alice):
    answers = [till.get("cards/?search=alice").status_code for _each in range(61)]

    assert answers == [200] * 60 + [429]
    assert office.get("cards/?search=alice").status_code == 200  # each token for itself
    assert till.post("scan/", {"code": "unknown"}).status_code == 404  # and scanning goes on


def test_the_number_of_a_merged_card_finds_what_took_its_place(
    till, carol, coffee, coffee_card, now
):
    kept, _is_new = cards.issue(coffee, carol, cause=BY_STAFF, now=now)
    merging.merge(coffee_card.customer, carol, cause=BY_STAFF, now=now)

    found = till.get(f"cards/?search={coffee_card.number}").json()["results"]

    assert [each["serial"] for each in found] == [kept.serial]
