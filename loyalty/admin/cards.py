from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from loyalty import actors, cards, clock, finding, qr_codes, wording
from loyalty.admin import amounts
from loyalty.admin.by_hand import PERMISSION, by_hand
from loyalty.admin.pages import Verbs, cause_of
from loyalty.errors import LoyaltyError
from loyalty.models import Card, Operation, Program
from loyalty.models.card import CardStatus

LAST_OPERATIONS = 50
QR_SCALE = 4
MOST_OPENING = 10**9


class CardForm(forms.ModelForm):
    opening = amounts.AmountField(
        label=_("Begins with"),
        required=False,
        min_value=1,
        max_value=MOST_OPENING,
        help_text=_("Gift cards: the amount. Multipasses: visits, if not a pack."),
    )

    class Meta:
        model = Card
        fields = ["program", "customer", "expires_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "opening" not in self.fields:
            return
        programs = {str(each.pk): each for each in Program.objects.all()}
        words = {key: each.word_of(each.earns) for key, each in programs.items()}
        chosen = amounts.typed_in(self, "program")
        currency = (
            programs[chosen].currency_of(programs[chosen].earns) if chosen in programs else ""
        )
        beside = words.get(chosen, "")
        amounts.tell(self, currency, beside=beside, follows="program", words=words)

    def clean(self) -> dict[str, Any] | None:
        """What a card of that program cannot begin with is said beside the field."""
        cleaned: dict[str, Any] | None = super().clean()
        program = self.cleaned_data.get("program")
        if program is not None and self.instance.pk is None:
            try:
                program.opening(self.cleaned_data.get("opening"))
            except LoyaltyError as refused:
                self.add_error("opening", refused.message)
        return cleaned


@admin.register(Card)
class CardAdmin(Verbs):
    when_empty = _(
        "No cards yet. Customers get theirs on a program's join page or with their first "
        "order; you can add one for them here."
    )
    form = CardForm
    list_display = ["number", "customer", "program", "state", "balances", "issued"]
    list_filter = ["program", "status", "issued_at"]
    list_select_related = ["customer"]
    search_fields = ["number__exact", "serial__exact"]
    search_help_text = _("A card’s whole number or serial, or its customer’s name, email or phone.")
    autocomplete_fields = ["customer"]
    actions = ["replace", "block", "unblock"]
    show_full_result_count = False
    change_form_template = "loyalty/card.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Card], search_term: str
    ) -> tuple[QuerySet[Card], bool]:
        if not search_term.strip():
            return queryset, False
        return finding.held_by(search_term, queryset), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        return super().get_queryset(request).prefetch_related("accounts", "program")

    def get_fields(self, request: HttpRequest, obj: Card | None = None) -> list[Any]:
        if obj is None:
            return ["program", "customer", "opening"]
        shown = ["program", "customer", "state", "number", "serial", "expires_at", "issued_at"]
        if obj.plan_id is not None:
            shown.insert(2, "plan")
        # Whoever has its QR has the card.
        return [*shown, "qr", "wallets"] if self.has_change_permission(request, obj) else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Card | None = None) -> list[str]:
        fields = self.get_fields(request, obj)
        return [name for name in fields if name != "expires_at"] if obj else []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        card = kwargs.get("obj")
        if card is not None:
            context["may_adjust"] = request.user.has_perm(PERMISSION)
            context["accounts"] = card.accounts.order_by("pk")
            rows = Operation.objects.filter(card=card).select_related("location", "note")
            last = rows.prefetch_related("entries__account").order_by("-pk")[:LAST_OPERATIONS]
            context["operations"] = actors.name_all(last)
            for operation in context["operations"]:
                operation.card = card
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(by_hand)
        own = [path("<int:card_id>/by-hand/", page, name="loyalty_card_by_hand")]
        return [*own, *super().get_urls()]

    # --- What a card shows --------------------------------------------------------------------

    @admin.display(description=_("status"))
    def state(self, card: Card) -> str | Promise:
        is_over = card.status == CardStatus.ACTIVE and card.is_expired(clock.now())
        return _("Expired") if is_over else card.get_status_display()

    @admin.display(description=_("issued"), ordering="issued_at")
    def issued(self, card: Card) -> date:
        return timezone.localdate(card.issued_at)

    @admin.display(description=_("holds"))
    def balances(self, card: Card) -> str:
        return ", ".join(wording.holds(each, card.program) for each in card.accounts.all())

    @admin.display(description=_("QR code"))
    def qr(self, card: Card) -> SafeString:
        return format_html(
            '<span role="img" aria-label="{}">{}</span>',
            _("The card's QR code"),
            qr_codes.drawn(card.code, scale=QR_SCALE, light="#fff"),
        )

    @admin.display(description=_("Wallets"))
    def wallets(self, card: Card) -> str:
        context = {"passes": card.passes.order_by("pk"), "card": card}
        shown = render_to_string("loyalty/wallet/of_card.html", context)
        return shown if shown.strip() else str(_("Not in a wallet."))

    # --- What staff do ------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = clock.now()
        if change:
            cards.change_expiry(obj, obj.expires_at, now=now)
            return
        cause = cause_of(request)
        card, obj.is_made = cards.issue(
            obj.program,
            obj.customer,
            opening=form.cleaned_data.get("opening"),
            cause=cause,
            now=now,
        )
        obj.pk, obj.number = card.pk, card.number

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if obj.is_made:
            return super().response_add(request, obj, post_url_continue)
        said = _("Nothing was added: the customer has this card already. It is shown here.")
        self.message_user(request, said, messages.WARNING)
        return redirect("admin:loyalty_card_change", obj.pk)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The row and its ledger stay, so nothing can be in the way."""
        return [str(card) for card in objs], {str(_("cards")): len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Card) -> None:
        cards.delete(obj, cause=cause_of(request), now=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        for card in queryset.order_by("pk"):
            cards.delete(card, cause=cause_of(request), now=clock.now())

    @admin.action(
        description=_("Replace the selected cards: new QR codes and numbers"),
        permissions=["change"],
    )
    def replace(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        replaced = [cards.replace(card, now=clock.now()) for card in queryset.order_by("pk")]
        said = ngettext(
            "%d card has a new QR code and number.",
            "%d cards have new QR codes and numbers.",
            len(replaced),
        )
        self.message_user(request, said % len(replaced))

    @admin.action(description=_("Block the selected cards"), permissions=["change"])
    def block(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        for card in queryset.order_by("pk"):
            cards.block(card, now=clock.now())

    @admin.action(description=_("Unblock the selected cards"), permissions=["change"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Card]) -> None:
        for card in queryset.order_by("pk"):
            cards.unblock(card, now=clock.now())
