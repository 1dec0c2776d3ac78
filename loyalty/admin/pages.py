"""What our admin pages have in common."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.functional import Promise

from loyalty.causes import Cause
from loyalty.errors import Invalid, LoyaltyError
from loyalty.models import Program

View = Callable[..., HttpResponse]

# How the filters and dates that a list offers write themselves into its address.
OFFERED = (
    *("", "__exact", "__id__exact", "__isnull"),
    *("__gte", "__gt", "__lte", "__lt", "__year", "__month", "__day"),
)


class Page(admin.ModelAdmin):
    """A page of a table that may hold more than it shows.

    Django lets an address filter by any column of the row, and so read a hidden one letter by
    letter (`?digest__startswith=a`); here a list can be filtered only by what it offers.

    `when_empty` is what an empty list says: what comes here, and from where.
    """

    when_empty: str | Promise = ""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        offered = [getattr(item, "parameter_name", item) for item in self.list_filter]
        return lookup in {f"{name}{suffix}" for name in offered for suffix in OFFERED}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an address proposes for a new row, as far as its columns can hold it."""
        proposed: dict[str, Any] = super().get_changeform_initial_data(request)
        columns = {column.name: column for column in self.opts.concrete_fields}
        found = {}
        for name, value in proposed.items():
            with suppress(ValidationError):
                found[name] = columns[name].to_python(value) if name in columns else value
        return found


class Record(Page):
    """A page that can only be read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OnlyOne(Page):
    """A page of a table that is an `OnlyRow`: its list leads straight to it, and it is there before
    anybody saved it."""

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", 1)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self.model.get()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfProgram(Page):
    """A page of what a program has one of; whose it is, is said once."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = [*super().get_readonly_fields(request, obj)]
        return [*fixed, "program"] if obj else fixed

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "program":
            free = {db_field.related_query_name(): None}
            kwargs["queryset"] = Program.objects.filter(**free)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class Verbs(Page):
    """A page whose changes are made by verbs; what a verb refuses is said on the page."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_say_why_not(request, super().changeform_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_say_why_not(request, super().changelist_view, *args, **kwargs)

    def _or_say_why_not(
        self, request: HttpRequest, view: View, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LoyaltyError as refusal:
            for text in texts_of(refusal):
                self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def texts_of(refusal: LoyaltyError) -> list[str]:
    """What a verb's refusal says, line by line."""
    if isinstance(refusal, Invalid):
        return [text for texts in refusal.fields.values() for text in texts]
    return [refusal.message]


class Rows(admin.TabularInline):
    """Rows beside a page that can only be read."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def cause_of(request: HttpRequest) -> Cause:
    """Whoever sits at the screen."""
    return Cause(f"staff:{request.user.pk}")
