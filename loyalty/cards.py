"""Cards: issue, find, change their end, block, delete; the table's only writer."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from loyalty import card_links, events, holds, ledger
from loyalty.card_numbers import new_code, new_number
from loyalty.card_search import by_serial as by_serial
from loyalty.card_search import find as find
from loyalty.causes import CLOCK, Cause
from loyalty.cleaning import cleaned, moment
from loyalty.errors import IllegalOperation, Invalid, NotFound
from loyalty.models.business import Business
from loyalty.models.card import Card, CardQuerySet, CardStatus, ReferralStage
from loyalty.models.customer import Customer
from loyalty.models.plan import Plan
from loyalty.models.program import Program
from loyalty.postings import Kind, Posting
from loyalty.wallet import passes

# --- Issuing --------------------------------------------------------------------------------------


def issue(
    program: Program,
    customer: Customer,
    *,
    cause: Cause,
    now: datetime,
    key: str = "",
    actor: str = "",
    fingerprint: str = "",
    location_id: int | None = None,
    opening: int | None = None,
    book: ledger.Book | None = None,
) -> tuple[Card, bool]:
    """The customer's card of that program, and whether it was just made.

    May be repeated: with another card where the program lets a customer have several, unless `key`
    says that it is the same wish. A new card comes with its accounts and an operation of kind
    `issue` under `key` (default: one named by the card), which gives the `opening` amount of gift
    cards and passes. Whoever has a book open hands it in, having locked the customer before it.
    Raises NotFound for an erased customer, Invalid for a program that is not active, and what
    `Program.opening` raises.
    """
    if not program.is_active:
        raise Invalid({"program": [_("This program is not active.")]})
    with transaction.atomic():
        _lock(customer)
        if held := _held(program, customer, key):
            if opening is not None and program.is_one_per_customer:
                raise IllegalOperation(_("The customer has this card already: give it there."))
            return held, False
        card, amount = _new(program, customer, opening, now)
        posting = Posting(
            card_id=card.pk,
            kind=Kind.ISSUE,
            key=key or f"card:{card.pk}:issue",
            actor=actor or cause.text,
            cause=cause,
            fingerprint=fingerprint,
            location_id=location_id,
            unit=program.earns or program.spends,
            amount=amount,
        )
        with nullcontext(book) if book else ledger.open(now=now) as open_book:
            open_book.adopt(card, ledger.open_accounts(card))
            open_book.post(posting)
        events.emit(
            events.CardIssued(program.slug),
            key=f"card:{card.pk}:issued",
            customer_id=card.customer_id,
            card_id=card.pk,
            location_id=location_id,
            cause=cause,
            now=now,
        )
    return card, True


def _lock(customer: Customer) -> None:
    """One issue at a time for a customer: the lock on their row."""
    rows = Customer.objects.present().select_for_update(no_key=True)
    if not rows.filter(pk=customer.pk).exists():
        raise NotFound


def _held(program: Program, customer: Customer, key: str) -> Card | None:
    """The card that the customer has already, or that this very wish has made."""
    theirs = Card.objects.active().filter(program=program, customer=customer)
    if not program.is_one_per_customer:
        theirs = theirs.filter(operations__key=key) if key else theirs.none()
    return theirs.first()


def _new(
    program: Program, customer: Customer, opening: int | None, now: datetime
) -> tuple[Card, int]:
    """A card, and what it is to begin with."""
    card = Card(
        serial=secrets.token_hex(16),
        code=new_code(),
        number=new_number(),
        program=program,
        customer=customer,
        is_one_of_many=not program.is_one_per_customer,
        issued_at=now,
        changed_at=now,
    )
    amount = program.begin(card, opening, now, Business.get().time_zone)
    card.save(force_insert=True)
    return card, amount


# --- Changing -------------------------------------------------------------------------------------


def change_expiry(card: Card, expires_at: datetime | None, *, now: datetime) -> Card:
    """Set the moment from which the card cannot be used; None is never. May be repeated."""
    clean = cleaned({"expires_at": expires_at}, {"expires_at": moment})
    with _locked(card, now) as row:
        _end(row, clean["expires_at"], now)
    return row


def replace(card: Card, *, now: datetime) -> Card:
    """A new QR code, number and link in place of lost ones; what the card holds stays, as its
    serial does. Codes of cards whose place it took open it no more. Each call makes new ones.
    NotFound for a card that is blocked or deleted."""
    with _locked(card, now) as row:
        if row.status != CardStatus.ACTIVE:
            raise NotFound
        for lost in (row, *Card.objects.closed_into(row)):
            lost.code, lost.number = new_code(), new_number()
            _save(lost, now, "code", "number")
        card_links.revoke(row)
    return row


def install(card: Card, *, device: str, where: str, cause: Cause, now: datetime) -> bool:
    """Note that the card was put on that device (a name nobody else has); whether that is news.

    `where` is "web" or a wallet's name. May be repeated: it is told once for each device.
    """
    with _locked(card, now) as row:
        if row.status != CardStatus.ACTIVE:
            raise NotFound
        fact = events.CardInstalled(row.program.slug, where)
        key = f"card:{row.pk}:installed:{where}:{device}"
        draft = events.draft(
            fact, key=key, customer_id=row.customer_id, card_id=row.pk, cause=cause, now=now
        )
        is_news = events.write([draft]) == 1
        if not row.is_installed:
            row.is_installed = True
            _save(row, now, "is_installed")
    return is_news


def tell_ended(limit: int, *, now: datetime) -> int:
    """Tell of up to that many cards that they have expired, once for each end; says of how many.
    Harmless when nothing is due, and when it runs twice."""
    ended = list(ending(now).values_list("pk", flat=True)[:limit])
    with ledger.open(cards=ended, now=now) as book:
        for card in book.cards.values():
            if card.status == CardStatus.ACTIVE and card.is_expired(now):
                _tell_ended(card, now)
    return len(ended)


def ending(now: datetime) -> CardQuerySet:
    """Active cards whose end has come and was not told."""
    due = Card.objects.filter(status=CardStatus.ACTIVE, is_told_expired=False, expires_at__lte=now)
    return due.order_by("expires_at")


def block(card: Card, *, now: datetime) -> Card:
    """To the outside a blocked card is unknown; what it holds stays. May be repeated."""
    with _locked(card, now) as row:
        if row.status == CardStatus.ACTIVE:
            row.status = CardStatus.BLOCKED
            _save(row, now, "status")
    return row


def unblock(card: Card, *, now: datetime) -> Card:
    """Invalid where the customer has another card of that program by now."""
    with _locked(card, now) as row:
        if row.status == CardStatus.BLOCKED:
            row.status = CardStatus.ACTIVE
            try:
                with transaction.atomic():
                    _save(row, now, "status")
            except IntegrityError:
                text = _("The customer has another active card of this program.")
                raise Invalid({"status": [text]}) from None
    return row


def delete(card: Card, *, cause: Cause, now: datetime) -> None:
    """The card is gone for everyone outside; its ledger stays. May be repeated."""
    with _locked(card, now) as row:
        _delete(row, cause, now)


def take_back(card: Card, *, cause: Cause, now: datetime) -> None:
    """What it was given for was undone; its book is open. May be repeated."""
    _delete(card, cause, now)


def delete_all(customer: Customer, *, cause: Cause, now: datetime) -> None:
    """Every card of a customer (whose row is locked), blocked ones included."""
    kept = customer.cards.exclude(status=CardStatus.DELETED).values_list("pk", flat=True)
    with ledger.open(cards=list(kept), now=now) as book:
        for card in book.cards.values():
            _delete(card, cause, now)


def keep_remainder(card: Card, cents: int, *, now: datetime) -> None:
    """Note what was spent and is not enough for the next one; `loyalty.orders` holds the lock."""
    if card.remainder_cents != cents:
        card.remainder_cents = cents
        _save(card, now, "remainder_cents")


def start_period(card: Card, plan: Plan, ends: datetime, *, now: datetime) -> None:
    """The card is valid until then; `loyalty.memberships` holds the lock."""
    card.plan, card.period_ends_at = plan, ends
    _end(card, ends, now, "plan", "period_ends_at")


def await_referral(card: Card, stage: ReferralStage) -> None:
    """Note what is awaited of a newcomer; `loyalty.referrals` holds the lock."""
    card.referral_stage = stage
    card.save(update_fields=["referral_stage"])


def change_owner(card: Card, customer_id: int, *, now: datetime) -> None:
    """It is somebody else's from now on; `loyalty.merging` holds the locks."""
    card.customer_id = customer_id
    _save(card, now, "customer")


def close_into(card: Card, into: Card, *, with_value: bool, now: datetime) -> None:
    """Another card of its program takes its place, with the later of their ends and, `with_value`,
    what was spent on both; `loyalty.merging` holds the locks. Nobody is told: it lives on."""
    card.status, card.merged_into = CardStatus.DELETED, into
    _save(card, now, "status", "merged_into")
    Card.objects.filter(merged_into=card).update(merged_into=into)
    into.remainder_cents += card.remainder_cents if with_value else 0
    ends = into.expires_at
    if ends is not None and (card.expires_at is None or card.expires_at > ends):
        into.plan, into.period_ends_at = card.plan, card.period_ends_at
        ends = card.expires_at
    _end(into, ends, now, "plan", "period_ends_at", "remainder_cents")


@contextmanager
def _locked(card: Card, now: datetime) -> Iterator[Card]:
    """The card as it is under the lock of its accounts."""
    with ledger.open(cards=[card.pk], now=now) as book:
        yield book.card(card.pk)


def _delete(card: Card, cause: Cause, now: datetime) -> None:
    if card.status == CardStatus.DELETED:
        return
    card.status = CardStatus.DELETED
    _save(card, now, "status")
    holds.drop(card.pk, actor=cause.text, now=now)
    _tell(events.CardDeleted(card.program.slug), card, f"card:{card.pk}:deleted", cause, now)


def _end(card: Card, moment: datetime | None, now: datetime, *more: str) -> None:
    """Another end of the card's life is told anew."""
    if card.expires_at != moment:
        card.expires_at, card.is_told_expired = moment, False
    _save(card, now, "expires_at", "is_told_expired", *more)


def _tell_ended(card: Card, now: datetime) -> None:
    key = f"card:{card.pk}:expired:{card.expires_at or now:%Y-%m-%dT%H:%M:%S.%f}"
    _tell(events.CardExpired(card.program.slug), card, key, CLOCK, now)
    card.is_told_expired = True
    _save(card, now, "is_told_expired")


def _save(card: Card, now: datetime, *fields: str) -> None:
    card.changed_at = now
    card.save(update_fields=[*fields, "changed_at"])
    passes.note_change([card.pk] if card.is_installed else [], now=now)


def _tell(fact: events.Fact, card: Card, key: str, cause: Cause, now: datetime) -> None:
    events.emit(fact, key=key, customer_id=card.customer_id, card_id=card.pk, cause=cause, now=now)
