"""Who is meant: the first match by id, external id, email, phone, in that order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from loyalty.cleaning import LARGEST, cleaned, integer
from loyalty.customers.details import CONTACT
from loyalty.errors import Invalid
from loyalty.models.customer import Customer

# What names one customer, the strongest first.
IDENTIFIERS = ("external_id", "email", "phone")

_CLEANERS = {"id": integer(1, LARGEST)} | {name: CONTACT[name] for name in IDENTIFIERS}


@dataclass(frozen=True, slots=True)
class Who:
    """How somebody outside names a customer; what is not known stays empty."""

    id: int | None = None
    external_id: str = ""
    email: str = ""
    phone: str = ""

    def clean(self) -> "Who":
        """In the form in which customers are kept; raises Invalid."""
        said = {name: getattr(self, name) for name in _CLEANERS if getattr(self, name)}
        if self.id is not None:
            said["id"] = self.id
        return Who(**cleaned(said, _CLEANERS))

    def __bool__(self) -> bool:
        return self != Who()


def find(who: Who) -> Customer | None:
    """The customer who is meant, if there is one; an id that nobody has is Invalid."""
    clean = who.clean()
    customer = find_each([clean])[clean]
    if clean.id is not None and customer is None:
        raise Invalid({"id": [_("There is no customer %d.") % clean.id]})
    return customer


def find_each(whos: Iterable[Who]) -> dict[Who, Customer | None]:
    """The same for many (clean) at once, in at most four queries; an unknown id finds nobody."""
    wanted = set(whos)
    by_id = _by("id", (who.id for who in wanted))
    named = [who for who in wanted if who.id is None]
    known = {name: _by(name, (getattr(who, name) for who in named)) for name in IDENTIFIERS}
    found = {who: by_id.get(who.id) for who in wanted}
    for who in named:
        matches = (known[name].get(getattr(who, name)) for name in IDENTIFIERS)
        found[who] = next((customer for customer in matches if customer), None)
    return found


def _by(field: str, values: Iterable[Any]) -> dict[Any, Customer]:
    given = {value for value in values if value}
    if not given:
        return {}
    rows = Customer.objects.filter(
        Q(erased_at=None) | Q(merged_into__erased_at=None, merged_into__isnull=False),
        **{f"{field}__in": given},
    ).select_related("merged_into")
    if field != "id":
        # The unique indexes leave "" out; SQLite uses one only where the query says so as well.
        rows = rows.exclude(**{field: ""})
    return {getattr(row, field): row.merged_into or row for row in rows}
