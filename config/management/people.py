"""Commands about one customer: who is meant, and how a refusal is said."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from loyalty import customers
from loyalty.cleaning import LARGEST
from loyalty.customers import Who
from loyalty.errors import Invalid, LoyaltyError, NotFound
from loyalty.management.command import VerbCommand
from loyalty.models import Customer

NAMES = ("id", "external_id", "email", "phone")


class AmbiguousName(LoyaltyError):
    """Two customers go by that: say with --by which of the names it is."""

    code = "customer_conflict"


class CustomerCommand(VerbCommand):
    """A command about one customer: `act` calls one verb and prints what came of it."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("customer", help=_("Id, external id, email or phone."))
        parser.add_argument("--by", choices=NAMES, help=_("Which of these it is."))

    def act(self, text: str, names: tuple[str, ...], *, as_json: bool) -> None:
        raise NotImplementedError

    def do(self, **options: Any) -> None:
        names = (options["by"],) if options["by"] else NAMES
        try:
            self.act(options["customer"], names, as_json=options["json"])
        except NotFound:
            raise NotFound(_("No customer goes by “%s”.") % options["customer"]) from None


def named(text: str, names: tuple[str, ...]) -> Customer:
    """The customer who goes by that, as one of these names; raises NotFound and AmbiguousName."""
    found = {who.pk: who for name in names if (who := _known(name, text.strip())) is not None}
    if not found:
        raise NotFound
    if len(found) > 1:
        raise AmbiguousName
    return next(iter(found.values()))


def as_id(text: str) -> int | None:
    """The number that it is, where it could be somebody's."""
    text = text.strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))
    return int(text) if is_number else None


def _known(name: str, text: str) -> Customer | None:
    try:
        said: dict[str, Any] = {name: as_id(text) if name == "id" else text}
        who = Who(**said)
        return customers.find(who) if who else None
    except Invalid:
        return None
