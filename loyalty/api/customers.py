"""Customers: who they are, changing it, forgetting them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, customers, merging, shapes, tiers
from loyalty.api import answers
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Day, Fields, Flag, Json, Text, Whole
from loyalty.api.pagination import Turning, page
from loyalty.api.schema import pages_of, says
from loyalty.customers import CHANNELS, Details, Who
from loyalty.errors import Invalid, NotFound
from loyalty.models import Card, Customer
from loyalty.tiers import Progress


def optional_text(help_text: str = "") -> Text:
    return Text(required=False, allow_blank=True, allow_null=True, help_text=help_text)


class CustomerBody(Fields):
    email = optional_text()
    phone = optional_text("In international form: +41441234567.")
    first_name = optional_text()
    last_name = optional_text()
    birthday = Day(required=False, allow_null=True)
    language = optional_text("Such as en or de-CH.")
    time_zone = optional_text("Such as Europe/Zurich.")
    external_id = optional_text("What another system calls them.")
    tags = serializers.ListField(child=Text(), required=False)
    attributes = Json(required=False)
    consent = serializers.DictField(
        child=Flag(), required=False, help_text=f"By channel: {', '.join(CHANNELS)}."
    )


class PhoneInAddress(Text):
    """A phone number whose + may have arrived as a space, as a bare + in an address does."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(f"+{data[1:]}" if data.startswith(" ") else data)


class CustomerFilter(Turning):
    email = Text(required=False)
    phone = PhoneInAddress(required=False)
    external_id = Text(required=False)


def shown(rows: Sequence[Customer]) -> list[dict[str, Any]]:
    climbed = tiers.progress([customer.pk for customer in rows], clock.now())
    held = Card.objects.active().select_related("program").order_by("pk")
    prefetch_related_objects(rows, Prefetch("cards", queryset=held))
    return [_shown(customer, climbed.get(customer.pk)) for customer in rows]


def _shown(customer: Customer, climbed: Progress | None) -> dict[str, Any]:
    return {
        "id": customer.pk,
        "email": customer.email,
        "phone": customer.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "birthday": customer.birthday.isoformat() if customer.birthday else None,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "external_id": customer.external_id,
        "tags": customer.tags,
        "attributes": customer.attributes,
        "consent": customer.consents,
        "created_at": shapes.moment(customer.created_at),
        "cards": [
            {"program": card.program.slug, "serial": card.serial} for card in customer.cards.all()
        ],
        "tier": _tier(climbed),
        "next_tier": _next_tier(climbed),
    }


def _tier(climbed: Progress | None) -> dict[str, Any] | None:
    if climbed is None or climbed.tier is None:
        return None
    row = climbed.standing
    return {
        "slug": climbed.tier.slug,
        "name": climbed.tier.name,
        "level": climbed.level,
        "since": shapes.moment(row.since),
        "kept_until": shapes.moment(row.locked_until) if climbed.is_kept else None,
        "next_review_at": shapes.moment(row.next_review_at) if row.next_review_at else None,
    }


def _next_tier(climbed: Progress | None) -> dict[str, Any] | None:
    if climbed is None or climbed.following is None:
        return None
    target = climbed.following
    return {"slug": target.slug, "name": target.name, "remaining": climbed.remaining}


class Customers(Endpoint):
    scopes = {"GET": ("customers",), "POST": ("customers",)}

    @says(
        "list_customers",
        "Customers, newest first",
        asks=CustomerFilter,
        answers={200: pages_of(answers.Customer)},
    )
    def get(self, request: Request) -> Response:
        rows = Customer.objects.present().known_as(**self._wanted())
        return Response(page(request, rows, shown))

    @says(
        "create_customer",
        "Add a customer",
        body=CustomerBody,
        answers={201: answers.Customer, 200: answers.Customer},
        refuses=["customer_conflict"],
    )
    def post(self, request: Request) -> Response:
        """Somebody with that email, phone or external id is returned unchanged with 200 (change
        them with PATCH). Whoever does not say yes to a channel has said no."""
        details = Details(**self.read(CustomerBody))
        customer, made = customers.join(details, cause=self.cause, now=clock.now())
        return Response(shown([customer])[0], status=201 if made else 200)

    def _wanted(self) -> dict[str, str]:
        asked = self.asked(CustomerFilter)
        names = {name: asked[name] for name in ("email", "phone", "external_id") if name in asked}
        clean = Who(**names).clean()
        return {name: getattr(clean, name) for name in names}


class OneCustomer(Endpoint):
    scopes = dict.fromkeys(("GET", "PATCH", "DELETE"), ("customers",))

    @says(
        "read_customer", "Show a customer", answers={200: answers.Customer}, refuses=["not_found"]
    )
    def get(self, request: Request, customer_id: int) -> Response:
        return Response(shown([_customer(customer_id)])[0])

    @says(
        "change_customer",
        "Change a customer",
        body=CustomerBody,
        answers={200: answers.Customer},
        refuses=["not_found", "customer_conflict"],
    )
    def patch(self, request: Request, customer_id: int) -> Response:
        """What is left out stays as it is; null and "" take a value away. `tags` replaces all
        tags, `consent` the channels it names."""
        changes = self.read(CustomerBody)
        customer = _customer(customer_id)
        changed = customers.change(customer, changes, cause=self.cause, now=clock.now())
        return Response(shown([changed])[0])

    @says("erase_customer", "Forget a customer", answers={204: None}, refuses=["not_found"])
    def delete(self, request: Request, customer_id: int) -> Response:
        """All that is personal goes, their cards too; the ledger stays, nameless. The id of
        somebody who was merged into another forgets nobody: name who stayed."""
        customer = Customer.objects.present().filter(pk=customer_id).first()
        if customer is None:
            raise NotFound
        customers.erase(customer, cause=self.cause, now=clock.now())
        return Response(status=204)


class MergeBody(Fields):
    into = Whole(min_value=1, help_text="The id of the customer who stays.")


class Merge(Endpoint):
    scopes = {"POST": ("customers",)}

    @says(
        "merge_customer",
        "Merge a customer into another",
        body=MergeBody,
        answers={200: answers.Customer},
        refuses=["not_found", "illegal_operation"],
    )
    def post(self, request: Request, customer_id: int) -> Response:
        """All that is theirs becomes the other's, and their id finds the other from then on.
        Repeated, it changes nothing. It cannot be undone."""
        into = _customer(self.read(MergeBody)["into"])
        gone = Customer.objects.filter(pk=customer_id).first()
        if gone is None:
            raise NotFound
        kept = merging.merge(gone, into, cause=self.cause, now=clock.now())
        return Response(shown([kept])[0])


def _customer(customer_id: int) -> Customer:
    """Whoever has that id, or had it before they were merged."""
    try:
        customer = customers.find(Who(id=customer_id))
    except Invalid:
        customer = None
    if customer is None:
        raise NotFound
    return customer
