"""What customers say of the business."""

from datetime import timedelta

import pytest

from loyalty import customers, personal_data, reviews
from loyalty.errors import AlreadyReviewed, Invalid, KeyReuse, NotFound
from loyalty.models import Event, Review, ReviewPage
from tests.cast import BY_STAFF
from tests.loyalty.staff import page, seen

pytestmark = pytest.mark.django_db


def leave(customer, rating, now, key="k", text="", card=None):
    return reviews.leave(customer, rating, text, key=key, card=card, cause=BY_STAFF, now=now)


def test_a_review_is_kept_and_told_once(coffee_card, dora, now):
    review, is_new = leave(dora, 4, now, text="Lovely", card=coffee_card)
    again, is_newer = leave(dora, 4, now, text="Lovely", card=coffee_card)

    assert (review, is_new) == (again, not is_newer)
    told = Event.objects.get(name="review_left")
    assert told.data == {"rating": 4, "program": "coffee"}
    assert (told.customer, told.card) == (dora, coffee_card)


@pytest.mark.parametrize("rating", [0, 6, -1, True, "5", None, 4.0])
def test_there_are_five_stars(dora, now, rating):
    with pytest.raises(Invalid):
        leave(dora, rating, now)

    assert not Review.objects.exists()


def test_a_customer_says_it_once_in_a_while(coffee_card, dora, bob, now):
    ReviewPage.objects.create(program=coffee_card.program, days_between=7)
    assert reviews.may_leave(coffee_card, now)
    leave(dora, 5, now, card=coffee_card)

    with pytest.raises(AlreadyReviewed):
        leave(dora, 1, now + timedelta(days=6), "2", card=coffee_card)
    assert not reviews.may_leave(coffee_card, now + timedelta(days=6))
    with pytest.raises(KeyReuse):
        leave(bob, 5, now)
    leave(dora, 1, now + timedelta(days=7), "2", card=coffee_card)

    assert Review.objects.count() == 2


def test_only_a_good_review_is_asked_for_in_public(coffee_card, dora, bob, now):
    url = "https://reviews.example/aurora"
    ReviewPage.objects.create(program=coffee_card.program, public_url=url, good_from=4)

    good, _new = leave(dora, 4, now, card=coffee_card)
    bad, _new = leave(bob, 3, now, "2", card=coffee_card)
    plain, _new = leave(bob, 5, now + timedelta(days=40), "3")

    assert reviews.thanks(good).url == url
    assert reviews.thanks(bad).url == ""
    assert reviews.thanks(bad).text != reviews.thanks(good).text
    assert reviews.thanks(plain).url == ""


def test_a_program_that_does_not_ask_is_not_asked(coffee_card, now):
    assert not reviews.may_leave(coffee_card, now)


def test_a_forgotten_customers_words_are_gone_and_the_stars_stay(dora, now):
    review, _new = leave(dora, 2, now, text="My name is Dora")
    reviews.handle(review, state="answered", note="Called Dora")
    told = dict(personal_data.tellers)["reviews"](dora.pk)

    customers.erase(dora, cause=BY_STAFF, now=now)

    review.refresh_from_db()
    assert told[0]["text"] == "My name is Dora"
    assert (review.rating, review.text, review.note) == (2, "", "")
    with pytest.raises(NotFound):
        leave(dora, 5, now + timedelta(days=90), "2")


def test_staff_answer_and_cannot_change_what_was_said(admin_client, dora, now):
    review, _new = leave(dora, 1, now, text="Cold coffee")
    said = {"state": "answered", "note": "A new one is on us", "rating": 5, "text": "Great"}

    answer = admin_client.post(page("review_change", review.pk), said)

    review.refresh_from_db()
    assert answer.status_code == 302
    assert (review.state, review.note) == ("answered", "A new one is on us")
    assert (review.rating, review.text) == (1, "Cold coffee")
    assert "Cold coffee" in seen(admin_client.get(page("review_changelist"), {"rating": 1}))
    assert "Cold coffee" not in seen(admin_client.get(page("review_changelist"), {"rating": 5}))
