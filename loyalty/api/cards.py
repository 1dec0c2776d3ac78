"""Cards, and what a till does to them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import cards, clock, counter, finding, shapes
from loyalty.api import answers, keys
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import LONGEST_COMMENT, Amount, Fields, Moment, Text
from loyalty.api.people import Person
from loyalty.api.schema import says
from loyalty.counter import Answer, Wish
from loyalty.models import Card

AT_THE_TILL = (
    "not_found",
    "amount_required",
    "illegal_operation",
    "insufficient_balance",
    "card_expired",
)


class CardEndpoint(Endpoint):
    """An address whose answers show a card."""

    def show(self, card: Card, now: datetime) -> dict[str, Any]:
        return counter.show(card, now) | self.holder(card)

    def holder(self, card: Card) -> dict[str, Any]:
        """Masked for a till; a kiosk, which strangers look at, is told no more than a name."""
        masked = not self.token.allows("customers")
        shown = shapes.customer(card.customer, masked=masked)
        if not masked or self.token.allows("scanner"):
            shown |= shapes.greeting(card.customer, clock.now())
        return {"customer": shown}

    def told(self, answer: Answer) -> Response:
        """An answer of the till; its customer is filled in live, for it was not kept."""
        body = answer.body | {"card": answer.body["card"] | self.holder(answer.card)}
        return Response(body, headers=replayed(answer))


def replayed(answer: Answer) -> dict[str, str]:
    return {keys.REPLAYED: "true"} if answer.is_replay else {}


class IssueBody(Fields):
    program = Text(max_length=60, help_text="The program's slug.")
    customer = Person()
    amount = Amount(required=False, help_text="What a gift card or a pass begins with.")


class ExpiryBody(Fields):
    expires_at = Moment(allow_null=True, help_text="null: it does not expire.")


class Search(Fields):
    search = Text(help_text="Of a name, an email, a phone number, a card's number or serial.")


class PlanBody(Fields):
    plan = Amount(required=False, help_text="An `id` of the program's plans; none: its own again.")


class OneWay(Fields):
    """A wish that can be said in several ways, but in one at a time."""

    ways: tuple[str, ...] = ()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        said = [name for name in self.ways if name in attrs]
        if len(said) > 1:
            problem = [_("Say only one of these: %s.") % ", ".join(self.ways)]
            raise serializers.ValidationError(dict.fromkeys(said, problem))
        return attrs


class AccrueBody(OneWay):
    ways = ("amount", "purchase_cents", "visits")

    amount = Amount(required=False, help_text="How many of `unit`.")
    unit = Text(required=False, max_length=12, help_text="Usually what its program earns.")
    purchase_cents = Amount(required=False, help_text="What was paid, in minor units.")
    order_key = Text(required=False, max_length=150, help_text="The order's key, where it has one.")
    visits = Amount(required=False)
    comment = Text(required=False, allow_blank=True, max_length=LONGEST_COMMENT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _require_companion(attrs, "unit", "amount")
        _require_companion(attrs, "order_key", "purchase_cents")
        return super().validate(attrs)


class RedeemBody(OneWay):
    ways = ("amount", "reward")

    amount = Amount(required=False, help_text="How many of `unit`.")
    unit = Text(required=False, max_length=12, help_text="Usually what its program spends.")
    reward = Amount(required=False, help_text="An `id` of the card's `rewards`.")
    comment = Text(required=False, allow_blank=True, max_length=LONGEST_COMMENT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _require_companion(attrs, "unit", "amount")
        return super().validate(attrs)


def _require_companion(attrs: dict[str, Any], name: str, companion: str) -> None:
    if name in attrs and companion not in attrs:
        problem = _("This goes with “%s” only.") % companion
        raise serializers.ValidationError({name: [problem]})


class Cards(CardEndpoint):
    scopes = {"GET": ("scanner", "customers"), "POST": ("customers",)}

    @says(
        "search_cards",
        "Find cards by what customers say of themselves",
        asks=Search,
        answers={200: answers.FoundCards},
        refuses=["throttled"],
    )
    def get(self, request: Request) -> Response:
        """The beginning of a name (3 letters), a whole email, the end of a phone number (4 digits),
        the number or serial of a card. Twenty at most. Nobody is shown by name,
        and a token that searches more than 60 times in ten minutes is told to wait."""
        text = self.asked(Search)["search"]
        now = clock.now()
        finding.count(self.token, now=now)
        found = [shapes.found(card, now) for card in finding.cards(text)]
        return Response({"results": found, "next": None, "previous": None})

    @says(
        "issue_card",
        "Give a customer a card of a program",
        body=IssueBody,
        answers={201: answers.Card, 200: answers.Card},
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """201 with the new card; 200 with the one the customer has of that program already."""
        wanted = keys.required(request, self.token)
        fields = self.read(IssueBody)
        answer = counter.issue(
            fields["program"],
            fields["customer"],
            opening=fields.get("amount"),
            by=self.by,
            request=wanted,
            now=clock.now(),
        )
        body = answer.body | self.holder(answer.card)
        return Response(body, status=201 if answer.is_new else 200, headers=replayed(answer))


class OneCard(CardEndpoint):
    scopes = {
        "GET": ("scanner", "customers"),
        "PATCH": ("customers",),
        "DELETE": ("customers",),
    }

    @says("read_card", "Show a card", answers={200: answers.Card}, refuses=["not_found"])
    def get(self, request: Request, serial: str) -> Response:
        """As a scan shows it, but nothing is told of it."""
        return Response(self.show(cards.by_serial(serial), clock.now()))

    @says(
        "change_card",
        "Change when a card expires",
        body=ExpiryBody,
        answers={200: answers.Card},
        refuses=["not_found"],
    )
    def patch(self, request: Request, serial: str) -> Response:
        fields = self.read(ExpiryBody)
        now = clock.now()
        card = cards.change_expiry(cards.by_serial(serial), fields["expires_at"], now=now)
        return Response(self.show(card, now))

    @says("delete_card", "Delete a card", answers={204: None}, refuses=["not_found"])
    def delete(self, request: Request, serial: str) -> Response:
        """Nobody finds it any more; what was done with it stays in the ledger."""
        cards.delete(cards.by_serial(serial), cause=self.cause, now=clock.now())
        return Response(status=204)


class Renewal(CardEndpoint):
    scopes = {"POST": ("customers",)}

    @says(
        "renew_card",
        "Begin another period of a membership",
        body=PlanBody,
        answers={200: answers.Done},
        refuses=["not_found", "illegal_operation"],
        keyed=True,
    )
    def post(self, request: Request, serial: str) -> Response:
        """Of the card's own plan, from the end of the running period; of another one, from now."""
        wanted = keys.required(request, self.token)
        plan = self.read(PlanBody).get("plan")
        return self.told(counter.renew(serial, plan, by=self.by, request=wanted, now=clock.now()))


class Accrue(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "accrue",
        "Give a card what it earns",
        body=AccrueBody,
        answers={200: answers.Done},
        refuses=AT_THE_TILL,
        keyed=True,
    )
    def post(self, request: Request, serial: str) -> Response:
        """A bare `amount` on a card that counts visits or spending needs the scope `adjust`."""
        wanted = keys.required(request, self.token)
        fields = self.read(AccrueBody)
        wish = Wish(**fields)
        return self.told(counter.accrue(serial, wish, by=self.by, request=wanted, now=clock.now()))


class Redeem(CardEndpoint):
    scopes = {"POST": ("scanner",)}

    @says(
        "redeem",
        "Take from a card what is redeemed",
        body=RedeemBody,
        answers={200: answers.Done},
        refuses=[*AT_THE_TILL, "reward_unavailable", "already_redeemed"],
        keyed=True,
    )
    def post(self, request: Request, serial: str) -> Response:
        """An empty body redeems what the type of card has one of: a stamp card's reward. A bare
        `amount` on a card whose program has rewards at a price needs the scope `adjust`."""
        wanted = keys.required(request, self.token)
        fields = self.read(RedeemBody)
        if "reward" in fields:
            fields["reward_id"] = fields.pop("reward")
        wish = Wish(**fields)
        return self.told(counter.redeem(serial, wish, by=self.by, request=wanted, now=clock.now()))
