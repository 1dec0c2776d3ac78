"""What an import does to customers, cards and balances; each line has exactly one outcome."""

import pytest

from loyalty import cards, imports
from loyalty.errors import Invalid, ReservedName
from loyalty.models import Card, Customer, Event, ImportPart, Operation
from tests.cast import BY_STAFF, balances, card_of
from tests.loyalty.files import csv_of, imported, problems, sent, worked

pytestmark = pytest.mark.django_db

PEOPLE = csv_of(
    ["Email", "Phone", "First name", "Stamps"],
    ["mia@example.com", "(212) 555-0101", "Mia", 4],
    ["noa@example.com", "", "Noa", 12],
)


def names() -> set[str]:
    return set(Customer.objects.values_list("first_name", flat=True))


def test_customers_cards_and_balances_come_in(coffee, now):
    done = imported(PEOPLE, now, program=coffee)

    mia, noa = Customer.objects.order_by("email")
    assert (mia.first_name, mia.phone, mia.consents) == ("Mia", "+12125550101", {})
    assert balances(card_of(mia, coffee)) == {"stamps": 4, "rewards": 0}
    assert balances(card_of(noa, coffee)) == {"stamps": 2, "rewards": 1}
    assert (done.state, done.made, done.cards_issued, done.refused) == ("finished", 2, 2, 0)
    assert not ImportPart.objects.exists(), "nothing of the file is kept"


def test_the_same_file_twice_changes_nothing(coffee, now):
    imported(PEOPLE, now, program=coffee)
    before = list(Operation.objects.values_list("key", flat=True))

    again = imported(PEOPLE, now, program=coffee)

    assert list(Operation.objects.values_list("key", flat=True)) == before
    assert (again.made, again.changed, again.known, again.cards_issued) == (0, 0, 2, 0)
    assert (again.balances_given, again.refused) == (0, 0)


def test_to_add_the_same_file_twice_adds_once(coffee, coffee_card, dora, now):
    file = csv_of(["email", "stamps"], [dora.email, 3])

    for _time in range(2):
        imported(file, now, program=coffee, balances="add")

    assert balances(coffee_card)["stamps"] == 3


def test_cards_that_are_there_keep_what_they_hold(coffee, coffee_card, dora, now):
    imported(csv_of(["email", "stamps"], [dora.email, 3]), now, program=coffee)

    assert balances(coffee_card)["stamps"] == 0


def test_a_check_says_what_would_be_and_changes_nothing(coffee, alice, now):
    file = csv_of(
        ["email", "last name", "stamps"],
        ["alice@example.com", "Other", 1],
        ["new@example.com", "New", 1],
        ["no address", "Nobody", 1],
        ["many@example.com", "Many", "1.5"],
    )
    before = Operation.objects.count(), Event.objects.count()
    source = sent(file, now, program=coffee)

    checked = worked(imports.check(source, now=now), now)

    assert (checked.made, checked.known, checked.refused) == (1, 1, 2)
    assert (checked.cards_issued, checked.state) == (1, "checked")
    assert problems(checked) == {
        4: "email: This is not an email address.",
        5: "Stamps: This must be a whole number.",
    }
    assert (Operation.objects.count(), Event.objects.count()) == before
    assert Customer.objects.count() == 1


def test_what_is_checked_is_then_done(coffee, now):
    source = sent(PEOPLE, now, program=coffee)
    checked = worked(imports.check(source, now=now), now)

    done = worked(imports.start(checked, now=now), now)

    assert (done.state, done.made, done.done) == ("finished", 2, 2)


# --- Whoever is here already ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("existing", "last_name", "language", "changed"),
    [("keep", "Arnold", "en", 0), ("fill", "Arnold", "en", 1), ("replace", "Other", "de", 1)],
)
def test_customers_who_are_here(existing, last_name, language, changed, alice, now):
    file = csv_of(
        ["email", "last name", "language", "birthday", "first name"],
        ["ALICE@example.com", "Other", "de", "28.2.1990", ""],
    )

    done = imported(file, now, existing=existing)

    alice.refresh_from_db()
    assert (alice.last_name, alice.language, alice.first_name) == (last_name, language, "Alice")
    assert (alice.birthday is not None) == bool(changed) == bool(done.changed)


def test_a_line_that_names_two_people_is_refused(alice, bob, now):
    file = csv_of(["email", "customer id"], ["alice@example.com", "bob"])

    done = imported(file, now)

    assert problems(done) == {2: "These details belong to different customers."}


def test_somebody_who_stands_there_twice_is_one_customer(coffee, now):
    file = csv_of(
        ["email", "phone", "stamps"],
        ["mia@example.com", "+12125550101", 4],
        ["", "+12125550101", ""],
        ["mia@example.com", "", 7],
    )

    done = imported(file, now, program=coffee)

    assert Customer.objects.count() == Card.objects.count() == 1
    assert balances(Card.objects.get())["stamps"] == 4
    assert list(problems(done)) == [4]


def test_a_line_without_a_name_to_find_somebody_by_is_refused(now):
    done = imported(csv_of(["email", "first name"], ["", "Mia"]), now)

    assert list(problems(done)) == [2]
    assert not Customer.objects.exists()


# --- Consent --------------------------------------------------------------------------------------

CONSENTS = csv_of(
    ["email", "newsletter"],
    ["mia@example.com", "yes"],
    ["noa@example.com", "no"],
    ["carol@example.com", "yes"],
    ["dora@example.com", "no"],
)


def test_consent_needs_a_proof(now):
    source = sent(CONSENTS, now)

    with pytest.raises(Invalid):
        imports.start(source, now=now)

    source.refresh_from_db()
    assert source.state == "read"


def test_a_list_signs_nobody_up_again(carol, dora, now):
    imported(CONSENTS, now, proof="Paper forms of 2024")

    said = dict(Customer.objects.values_list("email", "consents"))
    assert said == {
        "mia@example.com": {"email": True},
        "noa@example.com": {"email": False},
        "carol@example.com": {"email": False},
        "dora@example.com": {"email": False},
    }
    mia = Customer.objects.get(email="mia@example.com")
    assert mia.consent_history.get().source == "Paper forms of 2024"


def test_whoever_sends_it_to_be_done_at_once_has_shown_no_proof(now):
    source, _new = imports.upload(
        "a.csv",
        [CONSENTS],
        wishes=imports.Wishes(),
        goes_on_to="running",
        actor="token:1",
        now=now,
    )

    worked(source, now)

    assert Customer.objects.get(email="mia@example.com").consents == {}


# --- What is told ---------------------------------------------------------------------------------


def test_nothing_an_import_tells_waits_to_be_heard(coffee, now):
    imported(PEOPLE, now, program=coffee)

    told = dict(Event.objects.values_list("name", "cause"))
    assert set(told) == {"customer_created", "card_issued", "balance_changed"}
    assert {cause.partition(":")[0] for cause in told.values()} == {"import"}
    assert not Event.objects.filter(entered_at=None).exists()


def test_a_name_is_told_once_for_everybody(coffee, alice, now):
    Event.objects.update(entered_at=now)
    file = csv_of(
        ["email", "stamps"], ["mia@example.com", 1], ["mia@example.com", ""], [alice.email, 1]
    )

    imported(file, now, program=coffee, trigger="moved_in")

    waiting = Event.objects.filter(entered_at=None)
    assert sorted(waiting.values_list("name", "customer__email")) == [
        ("moved_in", "alice@example.com"),
        ("moved_in", "mia@example.com"),
    ]


def test_the_products_own_names_are_not_told_by_an_import(now):
    with pytest.raises(ReservedName):
        sent(PEOPLE, now, trigger="card_issued")


def test_a_customer_who_joins_meanwhile_is_met(coffee, dora, now):
    """Between the check and the run somebody else may make the same card."""
    source = sent(csv_of(["email", "stamps"], [dora.email, 2]), now, program=coffee)
    checked = worked(imports.check(source, now=now), now)
    card, _made = cards.issue(coffee, dora, cause=BY_STAFF, now=now)

    done = worked(imports.start(checked, now=now), now)

    assert (done.known, done.cards_issued, balances(card)["stamps"]) == (1, 0, 0)
