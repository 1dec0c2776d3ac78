import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty import actors, clock, presents
from loyalty.admin import amounts
from loyalty.admin.pages import Verbs, texts_of
from loyalty.errors import LoyaltyError
from loyalty.models import Business, Present, Program
from loyalty.money import written

NEW: list[Any] = ["program", "amount", ("to_email", "to_name"), "giver", "message", "deliver_at"]
ROWS = 3
MOST = 10**9


class PresentForm(forms.ModelForm):
    amount = amounts.AmountField(label=_("amount"), min_value=1, max_value=MOST)

    class Meta:
        model = Present
        fields = ["program", "amount", "to_email", "to_name", "giver", "message", "deliver_at"]
        widgets = {"message": forms.Textarea(attrs={"rows": ROWS})}
        help_texts = {"deliver_at": _("Now or past: at once.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "program" in self.fields:
            giving = [each.pk for each in Program.objects.all() if each.is_given_to_others]
            program: Any = self.fields["program"]
            program.queryset = Program.objects.filter(pk__in=giving, is_active=True)
            currencies = {str(each.pk): each.currency for each in program.queryset}
            chosen = amounts.typed_in(self, "program")
            currency = currencies.get(chosen, Business.get().currency)
            amounts.tell(self, currency, follows="program", words=currencies)


@admin.register(Present)
class PresentAdmin(Verbs):
    """Prepared here or by the shop; delivered on its day, at once by the action, or not at all."""

    when_empty = _(
        "A present is a gift card that reaches somebody on the day you choose, with a few "
        "words. Add the first one."
    )
    form = PresentForm
    list_display = ["__str__", "worth", "giver", "deliver_at", "state", "note"]
    list_filter = ["state", "deliver_at"]
    list_select_related = ["program"]
    search_fields = ["to_email", "to_name"]
    actions = ["deliver", "cancel"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Present | None = None) -> list[Any]:
        shown = [name if name != "amount" else "worth" for name in NEW]
        return [*shown, "state", "note", "card", "delivered_at", "by"] if obj else NEW

    def get_readonly_fields(self, request: HttpRequest, obj: Present | None = None) -> list[str]:
        return ["worth", "by"] if obj else []

    @admin.display(description=_("by"))
    def by(self, present: Present) -> str:
        return actors.named([present.actor])[present.actor]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("loyalty.change_present")

    @admin.display(description=_("amount"))
    def worth(self, present: Present) -> str:
        return written(present.amount, present.program.currency)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = form.cleaned_data
        wish = presents.Wish(
            program=said["program"].slug,
            amount=said["amount"],
            to_email=said["to_email"],
            to_name=said["to_name"],
            giver=said["giver"],
            message=said["message"],
            deliver_at=said["deliver_at"],
        )
        key = f"staff:{request.user.pk}:{secrets.token_hex(8)}"
        made, _is_new = presents.prepare(
            wish, key=key, actor=f"staff:{request.user.pk}", now=clock.now()
        )
        obj.pk = made.pk

    @admin.action(description=_("Deliver the selected now"), permissions=["send"])
    def deliver(self, request: HttpRequest, queryset: QuerySet[Present]) -> None:
        found = [presents.deliver(each, now=clock.now()) for each in queryset.order_by("pk")]
        done = sum(each.state == "delivered" for each in found)
        said = ngettext("%d present is delivered.", "%d presents are delivered.", done)
        self.message_user(request, said % done)

    @admin.action(description=_("Cancel the selected"), permissions=["send"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Present]) -> None:
        for each in queryset.order_by("pk"):
            try:
                presents.cancel(each, now=clock.now())
            except LoyaltyError as refusal:
                for text in texts_of(refusal):
                    self.message_user(request, f"{each}: {text}", messages.ERROR)
