"""What customers say of the business."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import cards, clock, naming, reviews
from loyalty.api import answers, keys
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Fields, Text, Whole
from loyalty.api.pagination import Number, Turning, page
from loyalty.api.people import Person
from loyalty.api.schema import pages_of, says
from loyalty.errors import Invalid, NotFound
from loyalty.models import Review
from loyalty.models.review import BEST, WORST, ReviewState


class ReviewShape(serializers.Serializer):
    id = serializers.IntegerField()
    rating = serializers.IntegerField(help_text="One to five stars.")
    text = serializers.CharField()
    state = serializers.ChoiceField(choices=ReviewState.values)
    at = serializers.DateTimeField()
    customer = answers.Id()


class ThanksShape(serializers.Serializer):
    text = serializers.CharField()
    url = serializers.CharField(help_text="The public page to show after a good review, or empty.")


class ReviewLeftShape(serializers.Serializer):
    review = ReviewShape()
    thanks = ThanksShape()


class ReviewBody(Fields):
    customer = Person()
    rating = Whole(min_value=WORST, max_value=BEST, help_text="Stars.")
    text = Text(required=False, allow_blank=True, max_length=reviews.LONGEST)
    card = Text(required=False, max_length=32, help_text="The serial of one of their cards.")


class ReviewFilter(Turning):
    rating = Number(required=False, help_text="Those with so many stars.")
    state = serializers.ChoiceField(choices=ReviewState.values, required=False)


def shown(rows: Sequence[Review]) -> list[dict[str, Any]]:
    return [reviews.shape(review) for review in rows]


class Reviews(Endpoint):
    scopes = {"GET": ("customers",), "POST": ("customers",)}

    @says(
        "list_reviews",
        "Reviews, newest first",
        asks=ReviewFilter,
        answers={200: pages_of(ReviewShape)},
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(ReviewFilter)
        rows = Review.objects.all()
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        if "rating" in asked:
            stars = asked["rating"]
            if not stars.isdecimal() or not WORST <= int(stars[:3]) <= BEST:
                raise Invalid({"rating": [_("Send a number from 1 to %d.") % BEST]})
            rows = rows.filter(rating=int(stars))
        return Response(page(request, rows, shown))

    @says(
        "leave_review",
        "Leave a review for a customer",
        body=ReviewBody,
        answers={201: ReviewLeftShape, 200: ReviewLeftShape},
        refuses=["already_reviewed"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """201 with the review and what to say to the customer; 200 where this key has left it
        before. One for so many days, as the card's program says (30 without a card)."""
        wanted = keys.required(request, self.token)
        fields = self.read(ReviewBody)
        customer = naming.customer(fields["customer"])
        card = None
        if "card" in fields:
            card = cards.by_serial(fields["card"])
            if card.customer_id != customer.pk:
                raise NotFound
        review, is_new = reviews.leave(
            customer,
            fields["rating"],
            fields.get("text", ""),
            key=wanted.key,
            card=card,
            location_id=self.by.location_id,
            cause=self.cause,
            now=clock.now(),
        )
        thanks = reviews.thanks(review)
        body = {
            "review": reviews.shape(review),
            "thanks": {"text": thanks.text, "url": thanks.url},
        }
        return Response(body, status=201 if is_new else 200)
