from django import template
from django.utils.text import capfirst

from loyalty import wording
from loyalty.models import Account, Card, Entry, Operation, Program

register = template.Library()


@register.simple_tag
def number(program: Program, unit: str, n: int) -> str:
    """`{% number program "points" 3 %}`: "3", "$4.50"."""
    return wording.number(program, unit, n)


@register.simple_tag
def holds(card: Card, account: Account) -> str:
    """`{% holds card account %}`: "3 stamps", "$120.00 spent"."""
    return wording.holds(account, card.program)


@register.simple_tag
def unit_of(card: Card, account: Account) -> str:
    """`{% unit_of card account %}`: "Stamps"."""
    return capfirst(str(card.program.units.get(account.unit, account.unit)))


@register.simple_tag
def changed(operation: Operation, entry: Entry) -> str:
    """`{% changed operation entry %}`: "+3 stamps → 7"."""
    return wording.changed(entry, operation.card.program)


@register.filter
def changes(operation: Operation) -> list[str]:
    """`{{ operation|changes }}`: "+3 stamps" for each account of its card."""
    return wording.changes(operation)


@register.filter
def done(operation: Operation) -> str:
    """`{{ operation|done }}`: "Given", "Taken by hand"."""
    return wording.done(operation)
