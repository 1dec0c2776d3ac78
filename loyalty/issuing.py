"""Cards issued by the hundred, in a few statements: for imports. One at a time: `loyalty.cards`."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty import bulk, events, ledger
from loyalty.card_numbers import new_code, new_number
from loyalty.causes import Cause
from loyalty.models.card import Card
from loyalty.models.customer import Customer
from loyalty.models.plan import Plan
from loyalty.models.program import Program
from loyalty.postings import Kind, Posting


@dataclass(slots=True, eq=False)
class Wanted:
    """A card that a customer (whose row this transaction holds) is to have. `number` empty: a new
    one; `expires_at` None: as the program says. `plan` is one that was paid for elsewhere, until
    then, with the visits of `opening` left. `key` names why, once for ever."""

    program: Program
    customer: Customer
    key: str
    opening: int | None = None
    number: str = ""
    expires_at: datetime | None = None
    plan: Plan | None = None


@dataclass(slots=True)
class Begun:
    """A card as it will be written, and what it is issued with."""

    wanted: Wanted
    card: Card
    amount: int


def begin(wanted: Wanted, *, now: datetime, zone: str) -> Begun:
    """In memory; raises what `Program.opening` raises, and Invalid. `zone` is the business's."""
    card = Card(
        serial=secrets.token_hex(16),
        code=new_code(),
        number=wanted.number or new_number(),
        program=wanted.program,
        is_one_of_many=not wanted.program.is_one_per_customer,
        issued_at=now,
        changed_at=now,
    )
    if wanted.plan:
        amount = wanted.program.take_over(card, wanted.plan, wanted.opening, now, zone)
    else:
        amount = wanted.program.begin(card, wanted.opening, now, zone)
    if wanted.expires_at:
        card.expires_at = wanted.expires_at
        card.period_ends_at = wanted.expires_at if wanted.plan else card.period_ends_at
    return Begun(wanted, card, amount)


def issue_each(
    begun: Sequence[Begun], book: ledger.Book, *, actor: str, cause: Cause, now: datetime
) -> list[events.Draft]:
    """Write cards and their accounts and post their issue; gives the news to write with it.

    Raises IntegrityError where somebody else gave such a card meanwhile: then do all of it again.
    """
    cards = [_belongs(each) for each in begun]
    bulk.insert(Card, cards)
    accounts = ledger.open_accounts_of(cards)
    for each in begun:
        book.adopt(each.card, accounts[each.card.pk])
        book.post(_issue(each, actor, cause))
    return list(_news(begun, cause, now))


def _belongs(each: Begun) -> Card:
    """Its customer has a number by now."""
    each.card.customer = each.wanted.customer
    return each.card


def _issue(each: Begun, actor: str, cause: Cause) -> Posting:
    program = each.wanted.program
    return Posting(
        card_id=each.card.pk,
        kind=Kind.ISSUE,
        key=each.wanted.key,
        actor=actor,
        cause=cause,
        unit=program.earns or program.spends,
        amount=each.amount,
    )


def _news(begun: Iterable[Begun], cause: Cause, now: datetime) -> Iterable[events.Draft]:
    for each in begun:
        yield events.draft(
            events.CardIssued(each.wanted.program.slug),
            key=f"card:{each.card.pk}:issued",
            customer_id=each.card.customer_id,
            card_id=each.card.pk,
            cause=cause,
            now=now,
        )
