"""Who did it, and why: what rows keep of that ("staff:1", "token:3", "clock") by its name.

A higher app adds what it knows in its `ready()`: `actors.names["journey"] = named`. It takes ids
and gives back a name for each that it still knows.
"""

from collections.abc import Callable, Iterable, Mapping

from django.contrib.auth import get_user_model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.models import ApiToken, Customer, Operation

Namer = Callable[[set[int]], Mapping[int, str]]

# By the first word; the second, where there is one, is an id or a key that says nothing to a shop.
WORDS: Mapping[str, str | Promise] = {
    "api": gettext_lazy("A token that is gone"),
    "clock": gettext_lazy("By itself"),
    "command": gettext_lazy("The command line"),
    "customer": gettext_lazy("The customer"),
    "import": gettext_lazy("An import"),
    "join": gettext_lazy("The join page"),
    "journey": gettext_lazy("An automation"),
    "operation": gettext_lazy("What was done on a card"),
    "order": gettext_lazy("An order"),
    "present": gettext_lazy("A present"),
    "push": gettext_lazy("The customer"),
    "referral": gettext_lazy("A referral"),
    "scan": gettext_lazy("A scan"),
    "staff": gettext_lazy("Staff"),
    "token": gettext_lazy("A token that is gone"),
    "wallet": gettext_lazy("The customer's wallet"),
    "webhook": gettext_lazy("Your shop system"),
}


def _staff(ids: set[int]) -> Mapping[int, str]:
    people = get_user_model().objects.in_bulk(ids)
    return {pk: user.get_full_name() or user.get_username() for pk, user in people.items()}


def _tokens(ids: set[int]) -> Mapping[int, str]:
    return dict(ApiToken.objects.filter(pk__in=ids).values_list("pk", "name"))


def _customers(ids: set[int]) -> Mapping[int, str]:
    return {pk: str(each) for pk, each in Customer.objects.in_bulk(ids).items()}


names: dict[str, Namer] = {
    "staff": _staff,
    "token": _tokens,
    "api": _tokens,
    "customer": _customers,
}


def named(texts: Iterable[str]) -> dict[str, str]:
    """Each of them in words, in a query for each kind; what nobody knows stays as it is."""
    wanted = set(texts)
    ids: dict[str, set[int]] = {}
    for text in wanted:
        kind, _colon, rest = text.partition(":")
        if kind in names and _is_id(rest):
            ids.setdefault(kind, set()).add(int(rest))
    known = {kind: names[kind](found) for kind, found in ids.items()}
    return {text: _said(text, known) for text in wanted}


def _said(text: str, known: Mapping[str, Mapping[int, str]]) -> str:
    kind, _colon, rest = text.partition(":")
    if _is_id(rest) and (name := known.get(kind, {}).get(int(rest))):
        return name
    return str(WORDS.get(kind, text)) if text else _("Nobody")


def _is_id(rest: str) -> bool:
    return rest.isascii() and rest.isdecimal() and len(rest) < 19


def name_all(operations: Iterable[Operation]) -> list[Operation]:
    """The same rows, each with `by_name` beside its actor."""
    found = list(operations)
    said = named(operation.actor for operation in found)
    for operation in found:
        operation.by_name = said[operation.actor]
    return found
