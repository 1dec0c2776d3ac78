"""Whose pages these are."""

from typing import Any, Literal

from django import template

from loyalty.models import Business, Customer, Program

register = template.Library()

# What a template says of what a page does not have.
Nothing = Literal[""]


@register.simple_tag
def shop_sign(customer: Customer | Nothing, *programs: Program | Nothing) -> dict[str, Any]:
    """`{% shop_sign me face.program program as sign %}`: the business, the program in whose colours
    and with whose logo a page is, and the class of those colours. It is that of the page's card,
    else the only one of the customer or of the shop; where there are several, the business has its
    own."""
    only = next((program for program in programs if program), None) or _only(customer or None)
    business = Business.get()
    look = f"look-{only.pk}" if only else "look-business" if business.color else ""
    return {"business": business, "program": only, "look": look}


def _only(customer: Customer | None) -> Program | None:
    programs = Program.objects.filter(is_active=True)
    if customer is not None:
        programs = Program.objects.filter(cards__customer=customer, cards__status="active")
    found = list(programs.distinct().order_by("pk")[:2])
    return found[0] if len(found) == 1 else None
