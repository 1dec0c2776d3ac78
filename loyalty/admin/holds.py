"""What is held of cards: looked at, handed over, given back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty import actors, clock, counter, holds, wording
from loyalty.admin.pages import Record, cause_of
from loyalty.counter import By, Request
from loyalty.errors import LoyaltyError
from loyalty.models import Hold
from loyalty.models.hold import HoldState


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=250)


@admin.register(Hold)
class HoldAdmin(Record):
    when_empty = _(
        "A reward that is kept for a customer waits here until it is handed over or given "
        "back. Customers ask for one on their card's page."
    )
    list_display = ["what", "customer", "until", "state_now", "card", "is_claim", "by"]
    list_filter = ["state", "is_claim", "until"]
    list_select_related = ["card__customer", "reward"]
    search_fields = ["card__number__exact", "card__serial__exact"]
    show_full_result_count = False
    action_form = ReasonForm
    actions = ["capture", "void"]
    fields = [
        *("what", "customer", "card", "taken", "reward", "is_claim", "state_now"),
        *("created_at", "until", "settled_at", "by", "settler", "operation"),
    ]
    readonly_fields = ["what", "customer", "taken", "state_now", "by", "settler"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        return super().get_queryset(request).prefetch_related("card__program")

    @admin.display(description=_("amount"))
    def taken(self, hold: Hold) -> str:
        return wording.counted(hold.card.program, hold.unit, hold.amount)

    @admin.display(description=_("settled by"))
    def by(self, hold: Hold) -> str:
        return actors.named([hold.settled_by])[hold.settled_by] if hold.settled_by else "–"

    @admin.display(description=_("waits for"))
    def settler(self, hold: Hold) -> str:
        """Who settles it, or was to."""
        return actors.named([hold.handler])[hold.handler] if hold.handler else str(_("staff"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Looking at them is for many, settling them for who may change them."""
        found: dict[str, Any] = super().get_actions(request)
        return found if self.has_settle_permission(request) else {}

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("loyalty.change_hold"))

    @admin.display(description=_("what"))
    def what(self, hold: Hold) -> str:
        return str(hold)

    @admin.display(description=_("customer"))
    def customer(self, hold: Hold) -> str:
        return str(hold.card.customer)

    @admin.display(description=_("state"), ordering="state")
    def state_now(self, hold: Hold) -> str | Promise:
        if hold.state == HoldState.OPEN and hold.is_over(clock.now()):
            return _("Over, goes back")
        return _("Held, an automation settles it") if hold.is_handled else hold.get_state_display()

    @admin.action(description=_("Hand over the selected claims"), permissions=["settle"])
    def capture(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        def hand_over(hold: Hold, key: str, actor: str) -> None:
            by = By(actor, cause_of(request))
            counter.capture(hold.pk, by=by, request=Request(key, key), now=clock.now())

        done = self._each(request, queryset, "captured", hand_over)
        said = ngettext("%d claim was handed over.", "%d claims were handed over.", done)
        self.message_user(request, said % done)

    @admin.action(description=_("Give the selected claims back"), permissions=["settle"])
    def void(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        reason = request.POST.get("reason", "")[:250]

        def give_back(hold: Hold, key: str, actor: str) -> None:
            cause = cause_of(request)
            holds.void(hold, key=key, actor=actor, cause=cause, reason=reason, now=clock.now())

        done = self._each(request, queryset, "voided", give_back)
        said = ngettext("%d claim was given back.", "%d claims were given back.", done)
        self.message_user(request, said % done)

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Hold],
        word: str,
        settle: Callable[[Hold, str, str], None],
    ) -> int:
        """Says how many; what a verb refuses is said, and the others go on."""
        done, actor = 0, cause_of(request).text
        for hold in queryset.order_by("pk"):
            try:
                settle(hold, f"hold:{hold.pk}:{word}:{actor}", actor)
            except LoyaltyError as refused:
                self.message_user(request, f"{hold}: {refused.message}", messages.ERROR)
            else:
                done += 1
        return done
