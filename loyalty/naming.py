"""What is meant by a name that came from outside; raises Invalid, by the field, for nothing."""

from django.utils.translation import gettext as _

from loyalty import customers
from loyalty.customers import Who
from loyalty.errors import Invalid
from loyalty.models import Customer, Program


def program(slug: str) -> Program:
    found = Program.objects.filter(slug=slug).first()
    if found is None:
        raise Invalid({"program": [_("There is no program “%s”.") % slug]})
    return found


def customer(who: Who) -> Customer:
    found = customers.find(who)
    if found is None:
        raise Invalid({"customer": [_("There is no such customer.")]})
    return found
