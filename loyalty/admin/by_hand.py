"""Giving, taking, renewing and undoing by hand: pages beside a card's and an operation's own."""

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty import actors, adjusting, clock, counter, wording
from loyalty.admin import amounts
from loyalty.admin.pages import Record, texts_of
from loyalty.causes import Cause
from loyalty.errors import LoyaltyError
from loyalty.models import Adjustment, Card, Operation, Program
from loyalty.models.adjustment import AdjustmentState
from loyalty.models.card import CardStatus
from loyalty.postings import Kind

PERMISSION = "loyalty.adjust_balance"
MOST = 10**9


def new_key() -> str:
    """Of a form: sent twice, it is done once."""
    return f"by-hand:{secrets.token_hex(8)}"


class Reasoned(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Kept with the operation for ever; customers do not see it."),
    )


class Once(forms.RegexField):
    """The key of a form. Whoever sends it may choose it, so it is never another cause's."""

    def __init__(self) -> None:
        super().__init__(r"\Aby-hand:[0-9a-f]{16}\Z", widget=forms.HiddenInput)


class ByHandForm(Reasoned):
    """`what` is "accrue stamps" or another pair that the card's program allows."""

    what = forms.ChoiceField(label=_("What"), widget=forms.RadioSelect)
    amount = amounts.AmountField(label=_("How much"), min_value=1, max_value=MOST)
    key = Once()
    field_order = ("what", "amount", "reason", "key")

    def __init__(self, card: Card, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        program = card.program
        words = dict(Adjustment.KINDS)
        choices = [
            (f"{kind} {unit}", f"{words[kind]} {program.units[unit]}")
            for kind in words
            for unit in program.legal.get(Kind(kind), ())
        ]
        what: Any = self.fields["what"]
        what.choices = choices
        self.initial["key"] = new_key()
        self.initial["what"] = choices[0][0] if choices else ""
        unit = amounts.typed_in(self, "what").partition(" ")[2]
        beside = {pair: program.word_of(pair.partition(" ")[2]) for pair, _label in choices}
        amounts.tell(
            self,
            program.currency_of(unit),
            beside=program.word_of(unit),
            follows="what",
            words=beside,
        )


class RenewForm(forms.Form):
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    key = Once()

    def __init__(self, card: Card, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = [(str(plan.pk), str(plan)) for plan in card.program.plans.filter(is_active=True)]
        plan: Any = self.fields["plan"]
        plan.choices = plans
        self.initial["key"] = new_key()
        self.initial["plan"] = str(card.plan_id or "")


def by_hand(request: HttpRequest, card_id: int) -> HttpResponse:
    """What one person gives to or takes from a card, and another period of a membership."""
    _require(request)
    card = get_object_or_404(Card.objects.select_related("customer"), pk=card_id)
    is_renewal = request.POST.get("act") == "renew"
    form = ByHandForm(card, request.POST if request.POST and not is_renewal else None)
    renewal = RenewForm(card, request.POST if is_renewal else None)
    sent = renewal if is_renewal else form
    if request.method == "POST" and sent.is_valid():
        try:
            said = (
                _renewed(request, card, renewal) if is_renewal else _adjusted(request, card, form)
            )
        except LoyaltyError as refusal:
            for text in texts_of(refusal):
                sent.add_error(None, text)
        else:
            messages.success(request, said)
            return redirect("admin:loyalty_card_change", card.pk)
    page = {
        "title": _("By hand"),
        "card": card,
        "is_active": card.status == CardStatus.ACTIVE,
        "accounts": card.accounts.order_by("pk"),
        "form": form,
        "renewal": renewal if card.program.has_plans else None,
        "limit": _limit(card.program),
    }
    return _shown(request, "loyalty/by_hand.html", page)


def _limit(program: Program) -> str:
    """What one person may move at once, in words; "" without a limit."""
    limit = program.by_hand_limit
    return wording.number(program, program.earns, limit) if limit is not None else ""


def undo(request: HttpRequest, operation_id: int) -> HttpResponse:
    """Ask why, then undo a whole operation."""
    _require(request)
    rows = Operation.objects.select_related("card__customer", "note")
    operation = get_object_or_404(rows.prefetch_related("entries__account"), pk=operation_id)
    actors.name_all([operation])
    form = Reasoned(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reason, user = form.cleaned_data["reason"], _user(request)
            adjusting.undo(operation, reason=reason, user=user, now=clock.now())
        except LoyaltyError as refusal:
            for text in texts_of(refusal):
                form.add_error(None, text)
        else:
            messages.success(request, _("It is undone."))
            return redirect("admin:loyalty_card_change", operation.card_id)
    page = {"title": _("Undo an operation"), "operation": operation, "form": form}
    return _shown(request, "loyalty/undo.html", page)


def _adjusted(request: HttpRequest, card: Card, form: ByHandForm) -> str:
    said = form.cleaned_data
    kind, _space, unit = said["what"].partition(" ")
    done = adjusting.adjust(
        card, Kind(kind), unit, said["amount"],
        reason=said["reason"], key=said["key"], user=_user(request), now=clock.now(),
    )  # fmt: skip
    if isinstance(done, Adjustment):
        return _now("That is more than one person may post. It waits for a second person.")
    return _now("Done.")


def _renewed(request: HttpRequest, card: Card, form: RenewForm) -> str:
    staff = f"staff:{_user(request)}"
    plan = int(form.cleaned_data["plan"]) if form.cleaned_data["plan"] else None
    key = form.cleaned_data["key"]
    counter.renew(
        card.serial, plan, by=counter.By(staff, Cause(staff)),
        request=counter.Request(key, f"{card.pk}:{plan}"), now=clock.now(),
    )  # fmt: skip
    return _now("The membership has another period.")


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _user(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _shown(request: HttpRequest, template: str, page: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | page)


@admin.register(Adjustment)
class AdjustmentAdmin(Record):
    """What waits for a second person, and what became of it."""

    when_empty = _(
        "What staff want to give or take beyond a program's limit waits here for somebody "
        "else's yes."
    )
    list_display = ["what", "card", "reason", "asked_by", "asked_at", "state", "decided_by"]
    list_filter = ["state", "asked_at"]
    list_select_related = ["card", "asked_by", "decided_by"]
    actions = ["agree", "refuse"]
    readonly_fields = ["what"]
    fields = [
        *("card", "what", "reason", "state", "asked_by", "asked_at"),
        *("decided_by", "decided_at", "operation"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adjustment]:
        return super().get_queryset(request).prefetch_related("card__program")

    @admin.display(description=_("what"))
    def what(self, asked: Adjustment) -> str:
        return str(asked)

    def has_adjust_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    @admin.action(description=_("Agree: post the selected"), permissions=["adjust"])
    def agree(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide(request, queryset, adjusting.agree, AdjustmentState.POSTED)

    @admin.action(description=_("Refuse the selected"), permissions=["adjust"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide(request, queryset, adjusting.refuse, AdjustmentState.REFUSED)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Adjustment], verb: Any, state: str
    ) -> None:
        done = 0
        for asked in queryset.order_by("pk"):
            try:
                verb(asked, user=_user(request), now=clock.now())
                done += 1
            except LoyaltyError as refusal:
                for text in texts_of(refusal):
                    self.message_user(request, f"{asked}: {text}", messages.ERROR)
        if done:
            words = {"n": done, "what": AdjustmentState(state).label}
            self.message_user(request, _("%(n)d: %(what)s") % words)
