"""What a card holds is shown without waiting for who is at work on it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from loyalty import ledger
from loyalty.ledger.audit import broken
from loyalty.models import Account, Card
from tests.loyalty.postings import accrue, held, posting


@pytest.mark.django_db(transaction=True)
def test_who_is_shown_a_card_does_not_wait_for_a_batch(points: Card, now: datetime) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite knows no row locks.")
    accrue(points, 40, "a", now)

    def show() -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            return ledger.held(points, now)["points"].balance
        finally:
            connection.close()

    with ledger.open(cards=[points.pk], now=now) as book, ThreadPoolExecutor(1) as elsewhere:
        book.post(posting(points, ledger.Kind.ACCRUE, 2, "b"))
        assert elsewhere.submit(show).result() == 40
    assert show() == 42


@pytest.mark.django_db
def test_what_is_over_is_settled_before_it_is_shown(short_lived: Card, now: datetime) -> None:
    accrue(short_lived, 40, "a", now)
    later = now + timedelta(days=31)

    assert ledger.held(short_lived, now)["points"].balance == 40
    assert ledger.held(short_lived, later)["points"].balance == 0

    assert held(short_lived) == {"points": 0}
    assert broken(later) == []


@pytest.mark.breaks_the_ledger
@pytest.mark.django_db
def test_what_was_never_given_is_shown_as_nothing(stamps: Card, now: datetime) -> None:
    Account.objects.filter(card=stamps).delete()
    assert {unit: each.balance for unit, each in ledger.held(stamps, now).items()} == {
        "stamps": 0,
        "rewards": 0,
    }
