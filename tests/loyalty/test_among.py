"""Rows found by many numbers, which travel as one."""

import pytest
from django.db.models import Q
from pytest_django import DjangoAssertNumQueries

from loyalty.models import Card, Customer

pytestmark = pytest.mark.django_db


def test_among_finds_what_in_finds(alice: Customer, bob: Customer, dora: Customer) -> None:
    wanted = {dora.pk, alice.pk, 0, 2**40}

    found = Customer.objects.filter(pk__among=wanted).order_by("pk")

    assert list(found) == list(Customer.objects.filter(pk__in=wanted).order_by("pk"))
    assert set(found) == {alice, dora}


def test_among_reads_the_number_of_a_foreign_key(alice: Customer, aurora_card: Card) -> None:
    assert set(Card.objects.filter(customer_id__among=[alice.pk])) == set(alice.cards.all())
    assert aurora_card in Card.objects.filter(Q(pk__among=[aurora_card.pk]) | Q(pk__among=()))


def test_among_none_is_nobody_and_asks_nothing(
    alice: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert list(Customer.objects.filter(pk__among=[])) == []


def test_what_is_no_number_is_refused(alice: Customer) -> None:
    with pytest.raises(ValueError, match="alice"):
        list(Customer.objects.filter(pk__among=["alice"]))
