"""What customers say of the business, and what is said to them."""

from typing import Any

from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from loyalty import reviews
from loyalty.admin.pages import OfProgram, Page
from loyalty.models import Review, ReviewPage


@admin.register(Review)
class ReviewAdmin(Page):
    """Staff answer, hide and note; what a customer said stays as it is."""

    when_empty = _(
        "What customers say on their card's page comes here. Make a review page for a "
        "program first."
    )
    list_display = ["stars", "begins", "customer", "location", "state", "at"]
    list_filter = ["rating", "state", "location", "at"]
    list_select_related = ["customer", "location"]
    search_fields = ["customer__email", "customer__last_name"]
    show_full_result_count = False
    fields = ["customer", "stars", "text", "card", "location", "at", "state", "note"]
    readonly_fields = ["customer", "stars", "text", "card", "location", "at"]

    @admin.display(description=_("stars"), ordering="rating")
    def stars(self, review: Review) -> str:
        return str(review)

    @admin.display(description=_("text"))
    def begins(self, review: Review) -> str:
        return review.text[:80] + ("…" if len(review.text) > 80 else "")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        reviews.handle(obj, state=obj.state, note=obj.note)


@admin.register(ReviewPage)
class ReviewPageAdmin(OfProgram):
    when_empty = _(
        "A review page lets the customers of a program say how they like it, on their card's page."
    )
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    list_display = ["program", "is_active", "good_from", "public_url", "days_between"]
    fieldsets = [
        (None, {"fields": ["program", "is_active", "days_between"]}),
        (
            _("What is said after it"),
            {"fields": ["good_from", "thanks_good", "public_url", "thanks_bad"]},
        ),
    ]
