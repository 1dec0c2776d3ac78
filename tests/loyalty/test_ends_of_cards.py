"""A card that ends says so, once for each end; a lost one gets a new code and number."""

from datetime import datetime, timedelta

import pytest

from loyalty import calendar, cards, counter
from loyalty.errors import NotFound
from loyalty.models import Card, Event
from loyalty.programs.membership import MembershipProgram
from tests.cast import BY_STAFF, balances, give
from tests.loyalty.staff import page
from tests.loyalty.till import NewCard

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told() -> list[str]:
    found = Event.objects.filter(name="card_expired").order_by("pk")
    return list(found.values_list("key", flat=True))


def pass_to(moment: datetime) -> None:
    for _twice in range(2):
        calendar.settle(0, now=moment)


def test_an_end_is_told_when_it_has_come_and_once(coffee_card: Card, now: datetime) -> None:
    cards.change_expiry(coffee_card, now + DAY, now=now)
    assert calendar.due(now) == []

    assert calendar.due(now + DAY) == [0]
    pass_to(now + DAY)

    assert len(told()) == 1
    assert Event.objects.get(name="card_expired").data == {"program": "coffee"}
    assert calendar.due(now + 9 * DAY) == []


def test_another_end_is_told_anew(coffee_card: Card, now: datetime) -> None:
    cards.change_expiry(coffee_card, now + DAY, now=now)
    pass_to(now + DAY)
    cards.change_expiry(coffee_card, now + DAY, now=now + 2 * DAY)  # the same
    pass_to(now + 2 * DAY)

    cards.change_expiry(coffee_card, now + 5 * DAY, now=now + 2 * DAY)
    pass_to(now + 4 * DAY)
    assert len(told()) == 1
    pass_to(now + 5 * DAY)

    assert len(set(told())) == 2


def test_who_renews_by_itself_has_not_ended(new_card: NewCard, now: datetime) -> None:
    new_card("membership")
    MembershipProgram.objects.update(renews_by_itself=True)

    pass_to(now + 7 * DAY)
    assert told() == []

    MembershipProgram.objects.update(renews_by_itself=False)
    pass_to(now + 14 * DAY)
    assert len(told()) == 1


def test_a_deleted_card_does_not_end(coffee_card: Card, now: datetime) -> None:
    cards.change_expiry(coffee_card, now + DAY, now=now)
    cards.delete(coffee_card, cause=BY_STAFF, now=now)

    pass_to(now + DAY)

    assert told() == []


def test_a_lost_card_gets_a_new_code_and_keeps_what_it_holds(
    coffee_card: Card, now: datetime
) -> None:
    give(coffee_card, 4, "stamps", now)
    old = coffee_card.code, coffee_card.number

    new = cards.replace(coffee_card, now=now)

    for lost in old:
        with pytest.raises(NotFound):
            cards.find(lost)
    assert cards.find(new.code) == cards.find(new.number) == coffee_card
    assert new.serial == coffee_card.serial
    assert counter.show(new, now)["balances"]["stamps"] == balances(new)["stamps"] == 4


def test_staff_replace_a_card_from_the_list(admin_client, coffee_card: Card) -> None:
    said = {"action": "replace", "_selected_action": [coffee_card.pk]}

    answer = admin_client.post(page("card_changelist"), said, follow=True)

    assert "1 card has a new QR code" in answer.content.decode()
    assert Card.objects.get().code != coffee_card.code
