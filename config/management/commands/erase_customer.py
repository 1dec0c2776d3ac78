import json

from django.utils.translation import gettext as _

from config.management.people import CustomerCommand, as_id, named
from loyalty import clock, customers
from loyalty.causes import Cause
from loyalty.errors import NotFound
from loyalty.models import Card, Customer


class Command(CustomerCommand):
    help = _("Forgets a customer: the ledger stays, nameless. It cannot be undone.")

    def act(self, text: str, names: tuple[str, ...], *, as_json: bool) -> None:
        number = as_id(text) if "id" in names else None
        gone = Customer.objects.filter(pk=number or 0, erased_at__isnull=False).first()
        if gone is not None and gone.merged_into_id is not None:
            # Who wants the old account gone does not mean the person.
            gone, names = None, tuple(name for name in names if name != "id")
        try:
            told = _erased(named(text, names))
            said = _("Customer %(id)d is forgotten; cards deleted: %(cards)d.")
        except NotFound:
            if gone is None:
                raise
            told = {"id": gone.pk, "cards": 0}
            said = _("Customer %(id)d was forgotten before.")
        self.stdout.write(json.dumps(told) if as_json else said % told)


def _erased(customer: Customer) -> dict[str, int]:
    cards = Card.objects.exclude(status="deleted").filter(customer=customer).count()
    customers.erase(customer, cause=Cause("command"), now=clock.now())
    return {"id": customer.pk, "cards": cards}
