"""Reviews: what customers say of the business; the table's only writer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import customers, events
from loyalty.causes import Cause
from loyalty.cleaning import cleaned, integer, text
from loyalty.errors import AlreadyReviewed, KeyReuse, NotFound
from loyalty.merged import Merged
from loyalty.models import Card, Customer, Review, ReviewPage
from loyalty.models.review import BEST, WORST
from loyalty.shapes import moment

LONGEST = 4_000
CLEANERS = {"rating": integer(WORST, BEST), "text": text(LONGEST)}


@dataclass(frozen=True, slots=True)
class Thanks:
    """What is said to whoever left a review; `url` is empty where nothing public is to be shown."""

    text: str
    url: str = ""


def leave(
    customer: Customer,
    rating: int,
    said: str = "",
    *,
    key: str,
    card: Card | None = None,
    location_id: int | None = None,
    cause: Cause,
    now: datetime,
) -> tuple[Review, bool]:
    """Keep a review of one to five stars; says whether it is new. May be repeated under its key.

    Raises Invalid, AlreadyReviewed (one for so many days, as the card's program says), KeyReuse for
    a key that another review has, and NotFound (erased).
    """
    clean = cleaned({"rating": rating, "text": said}, CLEANERS)
    with transaction.atomic():
        if not customers.lock([customer.pk]):
            raise NotFound
        if known := Review.objects.filter(key=key).first():
            if (known.customer_id, known.rating) != (customer.pk, clean["rating"]):
                raise KeyReuse
            return known, False
        days = _page(card).days_between
        if Review.objects.filter(customer=customer, at__gt=now - timedelta(days=days)).exists():
            raise AlreadyReviewed
        review = Review(
            customer=customer, card=card, location_id=location_id, key=key, at=now, **clean
        )
        review.save(force_insert=True)
        events.emit(
            events.ReviewLeft(review.rating, card.program.slug if card else ""),
            key=f"review:{review.pk}:left",
            customer_id=customer.pk,
            card_id=card.pk if card else None,
            location_id=location_id,
            cause=cause,
            now=now,
        )
    return review, True


def may_leave(card: Card, now: datetime) -> bool:
    """Whether the card's program asks its customer for a review now."""
    page = ReviewPage.objects.filter(program=card.program_id, is_active=True).first()
    if page is None:
        return False
    since = now - timedelta(days=page.days_between)
    return not Review.objects.filter(customer=card.customer_id, at__gt=since).exists()


def thanks(review: Review) -> Thanks:
    """A good review is thanked for with the public page, a bad one in private."""
    page = _page(review.card)
    if review.rating >= page.good_from:
        return Thanks(page.thanks_good or _("Thank you! We are glad."), page.public_url)
    return Thanks(page.thanks_bad or _("Thank you for telling us. We will do better."))


def handle(review: Review, *, state: str, note: str) -> Review:
    """What staff did with it, and what they noted. May be repeated."""
    review.state, review.note = state, note
    review.save(update_fields=["state", "note"])
    return review


def forget(customer_id: int) -> None:
    """Forget what somebody wrote, and what was noted of it; the stars stay."""
    Review.objects.filter(customer=customer_id).update(text="", note="")


def follow(merged: Merged) -> None:
    """What the one said, the other has said, once they are merged."""
    Review.objects.filter(customer=merged.gone_id).update(customer=merged.kept_id)


def tell(customer_id: int) -> list[dict[str, Any]]:
    """All that a customer has left, told to themselves."""
    rows = Review.objects.filter(customer=customer_id).order_by("pk")
    return [shape(review) for review in rows]


def shape(review: Review) -> dict[str, Any]:
    """As the API shows it."""
    return {
        "id": review.pk,
        "rating": review.rating,
        "text": review.text,
        "state": review.state,
        "at": moment(review.at),
        "customer": {"id": review.customer_id},
    }


def _page(card: Card | None) -> ReviewPage:
    """The settings of the card's program; what they are without any where it has none."""
    found = ReviewPage.objects.filter(program=card.program_id).first() if card else None
    return found or ReviewPage()
