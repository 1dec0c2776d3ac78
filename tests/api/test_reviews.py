"""Reviews by API."""

import pytest

from loyalty.models import Review, ReviewPage
from tests.api.caller import said

pytestmark = pytest.mark.django_db


def test_a_review_is_left_once_for_its_key(office, coffee_card, dora):
    ReviewPage.objects.create(program=coffee_card.program, public_url="https://reviews.example/")
    body = {"customer": dora.pk, "rating": 5, "text": "Lovely", "card": coffee_card.serial}

    first = office.post("reviews/", body, key="a")
    again = office.post("reviews/", body, key="a")
    other = office.post("reviews/", body, key="b")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["thanks"]["url"] == "https://reviews.example/"
    assert said(other) == (409, "already_reviewed")
    assert Review.objects.get().location == office.token.location


def test_reviews_are_listed_by_their_stars(office, dora, bob):
    office.once("reviews/", {"customer": dora.pk, "rating": 5})
    office.once("reviews/", {"customer": bob.pk, "rating": 2})

    listed = office.get("reviews/?rating=2").json()["results"]

    assert [each["customer"] for each in listed] == [{"id": bob.pk}]
    assert len(office.get("reviews/?state=new").json()["results"]) == 2
    for bad in ("0", "6", "x", "-1", "²"):
        assert said(office.get(f"reviews/?rating={bad}"))[0] == 400


def test_what_is_wrong_is_said(office, coffee_card, bob):
    answers = [
        office.once("reviews/", {"customer": bob.pk, "rating": 6}),
        office.once("reviews/", {"customer": 999_999, "rating": 5}),
        office.once("reviews/", {"customer": bob.pk, "rating": 5, "card": coffee_card.serial}),
        office.post("reviews/", {"customer": bob.pk, "rating": 5}),
    ]

    codes = ["invalid", "invalid", "not_found", "key_required"]
    assert [said(answer)[1] for answer in answers] == codes
    assert not Review.objects.exists()
