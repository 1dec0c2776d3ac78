"""`export_customer` and `erase_customer`: by whichever name somebody goes."""

import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from loyalty import customers, merging
from loyalty.models import Customer, Event
from tests.cast import BY_STAFF, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


def run(command: str, *words: str) -> str:
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def refused(command: str, *words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        run(command, *words)
    assert refusal.value.returncode == 2
    return str(refusal.value)


@pytest.mark.parametrize("name", ["ALICE@example.com", "+41 44 668 18 00", "shop-1"])
def test_all_that_is_held_is_printed_by_any_name(alice: Customer, name: str, now: datetime) -> None:
    customers.change(alice, {"external_id": "shop-1"}, cause=BY_STAFF, now=now)

    told = json.loads(run("export_customer", name, "--json", "--no-input"))

    assert told == json.loads(run("export_customer", str(alice.pk)))
    assert told["contact"]["email"] == "alice@example.com"
    assert {card["program"] for card in told["cards"]} == {"coffee", "aurora"}
    assert {"messages", "journeys", "presents", "groups", "told_by_other_systems"} <= told.keys()


@pytest.mark.parametrize("name", ["nobody@example.com", "4711", "+41446681877", "what?", "9" * 30])
def test_a_name_that_nobody_has_is_refused(alice: Customer, name: str) -> None:
    for command in ("export_customer", "erase_customer"):
        assert name in refused(command, name)

    assert Customer.objects.present().get() == alice


def test_somebody_is_forgotten_once(alice: Customer) -> None:
    said = run("erase_customer", "alice@example.com", "--no-input")
    again = json.loads(run("erase_customer", str(alice.pk), "--json"))

    alice.refresh_from_db()
    assert alice.erased_at
    assert said == f"Customer {alice.pk} is forgotten; cards deleted: 2.\n"
    assert again == {"id": alice.pk, "cards": 0}
    assert Event.objects.get(name="customer_deleted").cause == "command"
    refused("erase_customer", "alice@example.com")


def test_a_number_that_means_two_people_erases_neither(
    alice: Customer, dora: Customer, now: datetime
) -> None:
    customers.change(dora, {"external_id": str(alice.pk)}, cause=BY_STAFF, now=now)

    assert "--by" in refused("erase_customer", str(alice.pk))
    assert Customer.objects.present().count() == 2
    run("erase_customer", str(alice.pk), "--by", "external_id")

    assert Customer.objects.present().get() == alice


def test_the_old_id_of_who_was_merged_shows_them_and_erases_nobody(
    alice: Customer, now: datetime
) -> None:
    old = person(now, email="old@example.com")
    merging.merge(old, alice, cause=BY_STAFF, now=now)

    told = json.loads(run("export_customer", str(old.pk)))
    assert told["contact"]["id"] == alice.pk
    assert told["contact"]["also_known_as"][0]["email"] == "old@example.com"
    refused("erase_customer", str(old.pk))
    assert Customer.objects.present().get() == alice

    run("erase_customer", "old@example.com")
    assert not Customer.objects.present().exists()
