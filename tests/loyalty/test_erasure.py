import pytest

from loyalty import customers, ledger, personal_data
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.external import External, accept
from loyalty.models import Customer, Event, Operation, OperationNote
from loyalty.postings import Kind, Posting
from tests.cast import card_of

pytestmark = pytest.mark.django_db

API = Cause("api:3")


def test_an_erased_customer_is_an_empty_row(alice, now):
    customers.erase(alice, cause=API, now=now)

    alice.refresh_from_db()
    kept = {"id", "created_at", "changed_at", "erased_at"}
    left = {
        field.name: getattr(alice, field.name)
        for field in Customer._meta.concrete_fields
        if field.name not in kept and getattr(alice, field.name)
    }
    assert left == {}
    assert alice.erased_at == now
    assert not alice.consents_to("email")
    assert set(alice.consent_history.values_list("source", flat=True)) == {""}


def test_their_cards_are_deleted_and_their_ledger_stays(alice, now):
    operations = Operation.objects.count()

    customers.erase(alice, cause=API, now=now)

    assert set(alice.cards.values_list("status", flat=True)) == {"deleted"}
    assert Operation.objects.count() == operations


def test_what_was_typed_about_them_is_blank(alice, aurora, now):
    card = card_of(alice, aurora)
    posting = Posting(
        card_id=card.pk,
        kind=Kind.ACCRUE,
        key="sorry",
        actor="staff:1",
        cause=API,
        unit="points",
        amount=5,
        comment="For Alice, who waited",
    )
    ledger.post(posting, now=now)

    customers.erase(alice, cause=API, now=now)

    assert list(OperationNote.objects.values_list("comment", flat=True)) == [""]


def test_their_events_tell_of_cards_only(alice, now):
    customers.change(alice, {"tags": ["expecting"]}, cause=API, now=now)
    quiz = External(name="quiz", key="1", customer=Who(id=alice.pk), data={"name": "Alice"})
    accept([quiz], scope="token:3", cause=API, now=now)

    customers.erase(alice, cause=API, now=now)

    told = {event.name: event.data for event in Event.objects.filter(customer=alice)}
    assert told["quiz"] == {}
    assert told["tag_added"] == {}
    assert told["balance_changed"]["amount"] == 100
    assert told["customer_deleted"] == {}


def test_it_is_told_once(alice, now):
    for _twice in range(2):
        customers.erase(alice, cause=API, now=now)

    assert alice.events.filter(name="customer_deleted").count() == 1


def test_who_is_forgotten_can_join_anew(alice, now):
    customers.erase(alice, cause=API, now=now)

    assert customers.find(Who(email="alice@example.com")) is None
    again, made = customers.find_or_create(Who(email="alice@example.com"), cause=API, now=now)
    assert made
    assert again.pk != alice.pk


def test_other_apps_forget_with_us(alice, now, monkeypatch):
    forgotten: list[int] = []
    monkeypatch.setattr(personal_data, "holders", [forgotten.append])

    customers.erase(alice, cause=API, now=now)

    assert forgotten == [alice.pk]
