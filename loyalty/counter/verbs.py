"""The till's verbs: what a cashier, or an app with a key, does to a card.

Each takes the request's key and fingerprint and recognises a replay before any other check: the
operation's row is the record of it, and its kept answer is what was said the first time. Safe to
repeat for ever.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty import (
    cards,
    customers,
    events,
    holds,
    ledger,
    memberships,
    naming,
    orders,
    referrals,
    shapes,
)
from loyalty.causes import Cause
from loyalty.counter import amounts, kiosk, moving, slips, turning
from loyalty.counter.words import Answer, By, Request, Wish
from loyalty.customers import Who
from loyalty.errors import Forbidden, IllegalOperation, Invalid, KeyReuse, NotFound
from loyalty.ledger import Book, Kind, Posted
from loyalty.models import Business, Card, Event, Operation
from loyalty.models.card import CardStatus
from loyalty.models.mechanics import Mechanics
from loyalty.redeeming import redeem as redeem_from

UNDO_WINDOW = timedelta(minutes=15)


def scan(code: str, *, by: By, request: Request | None = None, now: datetime) -> tuple[Card, bool]:
    """The card behind a QR text, typed number or serial, and whether this very scan was told
    before (`request` makes it one); otherwise tells it.

    An expired card is shown, not refused. Raises KeyReuse where the key was another scan's.
    """
    card = cards.find(code)
    event = events.draft(
        events.CardScanned(location=by.location_id),
        key=f"scan:{request.key}" if request else events.new_key("scan"),
        customer_id=card.customer_id,
        card_id=card.pk,
        location_id=by.location_id,
        cause=Cause("scan"),
        now=now,
    )
    event.fingerprint = request.fingerprint if request else ""
    is_replay = events.write([event]) == 0  # one statement, and a transaction by itself
    if is_replay and Event.objects.get(key=event.key).fingerprint != event.fingerprint:
        raise KeyReuse
    return card, is_replay


def show(card: Card, now: datetime) -> dict[str, Any]:
    """The card as it is at `now`: what is over does not count even before it was settled."""
    return shapes.card(card, ledger.held(card, now), now)


def accrue(serial: str, wish: Wish, *, by: By, request: Request, now: datetime) -> Answer:
    """Give what the card's program gives for it; raises the refusals of `loyalty.errors`."""
    return _act(serial, Kind.ACCRUE, wish, by, request, now)


def redeem(serial: str, wish: Wish, *, by: By, request: Request, now: datetime) -> Answer:
    """Take an amount, a reward of the program, or what `{}` means on this type of card."""
    return _act(serial, Kind.REDEEM, wish, by, request, now)


def serve(code: str, *, by: By, request: Request, now: datetime) -> Answer:
    """What a customer does alone at a kiosk; raises IllegalOperation and `kiosk.TooSoon` too."""
    if replayed := slips.replay(request):
        return replayed
    card, _told = scan(code, by=by, request=request, now=now)
    kind, wish = kiosk.meant(card, show(card, now)["can"])
    return _act(card.serial, kind, wish, by, request, now)


def reverse(operation_id: int, reason: str, *, by: By, request: Request, now: datetime) -> Answer:
    """Undo a whole operation, once. What an order earned is undone by refunding the order, unless
    the till itself made that order: then it is cancelled and never earns again."""
    if replayed := slips.replay(request):
        return replayed
    operation = Operation.objects.select_related("card", "order").filter(pk=operation_id).first()
    if operation is None or operation.card.status != CardStatus.ACTIVE:
        raise NotFound
    order = operation.order
    if order is not None and order.platform != "counter":
        raise IllegalOperation(_("An order earned this: refund the order instead."))
    _require_own(operation, by, now)
    if operation.kind == Kind.TRANSFER:
        return moving.undo(operation, reason, by=by, request=request, now=now)
    posting = slips.posting(operation.card, Kind.REVERSE, by, request, reason=reason)
    # Blocked cards included: what the order gave there is taken back as well.
    given = orders.earning_cards(order.key) if order is not None else []
    turned = turning.made_by(operation)
    given += [turned.card_id] if turned else []
    mine = operation.card.customer_id
    with slips.twins(), ledger.open(cards=given, customers=[mine], now=now) as book:
        posted = ledger.reverse(book, operation, posting)
        if order is not None and not posted.is_replay:
            orders.take_back(order, operation, book=book, cause=by.cause, now=now)
        if turned is not None and not posted.is_replay:
            turning.turn_back(book, turned, posting, by, now)
        referrals.undone(operation, now=now)
        return slips.answer(book, posted, now)


def issue(
    program_slug: str,
    who: Who,
    *,
    opening: int | None = None,
    by: By,
    request: Request,
    now: datetime,
) -> Answer:
    """Give a customer a card of that program, or the one they have (`is_new` false).

    `opening` is what a gift card or a pass begins with. Raises Invalid where there is no such
    program or customer, and what `cards.issue` raises.
    """
    if replayed := slips.replay(request):
        return replayed
    program, customer = naming.program(program_slug), naming.customer(who)
    with slips.twins(), transaction.atomic():
        customers.lock([customer.pk])
        with ledger.open(customers=[customer.pk], now=now) as book:
            card, is_new = cards.issue(
                program, customer, cause=by.cause, now=now, key=request.key,
                fingerprint=request.fingerprint, actor=by.actor, location_id=by.location_id,
                opening=opening, book=book,
            )  # fmt: skip
            # Held already: the key is written down all the same, for its replay.
            posted = book.post(slips.posting(card, Kind.ISSUE, by, request))
            if posted.is_replay:  # a twin was faster
                return Answer(posted.answer or {}, card, is_replay=True)
            body = shapes.card(card, book.held(card.pk), now)
            book.answer(posted, body)
    return Answer(body, card, is_new=is_new)


def renew(serial: str, plan_id: int | None, *, by: By, request: Request, now: datetime) -> Answer:
    """Begin another period of a membership, of that plan or of its own. Raises Invalid for a plan
    that is not sold with it, and what `memberships.begin` raises."""
    if replayed := slips.replay(request):
        return replayed
    card = cards.by_serial(serial)
    plan = None
    if plan_id is not None:
        plan = card.program.plans.filter(pk=plan_id).first()
        if plan is None:
            raise Invalid({"plan": [_("There is no such plan.")]})
    with slips.twins(), ledger.open(cards=[card.pk], now=now) as book:
        posted = memberships.begin(book, slips.posting(card, Kind.RENEW, by, request), plan)
        return slips.answer(book, posted, now)


def _act(serial: str, kind: Kind, wish: Wish, by: By, request: Request, now: datetime) -> Answer:
    if replayed := slips.replay(request):
        return replayed
    if sum(each is not None for each in (wish.amount, wish.purchase_cents, wish.visits)) > 1:
        raise Invalid({"amount": [_("Say an amount, a purchase or visits, not several.")]})
    card = cards.by_serial(serial)
    holder = card.customer
    turns = kind == Kind.REDEEM and card.program.becomes is not None
    with (
        slips.twins(),
        turning.may_issue(card, turns),
        ledger.open(customers=[card.customer_id], now=now) as book,
    ):
        card = book.card(card.pk)
        if card.customer_id == holder.pk:
            card.customer = holder
        if before := book.replay(slips.posting(card, kind, by, request)):  # a twin was faster
            return slips.answer(book, before, now)
        kiosk.require_rest(card, by, now)
        more: dict[str, Any] = {}
        if kind == Kind.ACCRUE and wish.purchase_cents is not None:
            percent = card.program.percent_at(now, Business.get().time_zone)
            more = card.program.bill(wish.purchase_cents, book.held(card.pk), percent)
            posted = _purchase(book, card, wish.purchase_cents, wish, by, request, now)
        else:
            posted = _post(book, card, kind, wish, by, request)
        referrals.came(book, card.customer_id, posted, now=now)
        if turns and not posted.is_replay:
            more = turning.turn(book, card, posted.id, by, now)
        return slips.answer(book, posted, now, more)


def _post(book: Book, card: Card, kind: Kind, wish: Wish, by: By, request: Request) -> Posted:
    reward, unit = None, wish.unit or card.program.earns
    if kind == Kind.REDEEM:
        reward, unit, amount = amounts.redemption(card, wish, by, book.now)
    else:
        amount = amounts.amount(card, kind, wish, by, book.now)
    said = {"comment": wish.comment, "reason": wish.reason}
    posting = slips.posting(card, kind, by, request, unit=unit, amount=amount, **said)
    return redeem_from(book, posting, reward) if kind == Kind.REDEEM else book.post(posting)


def _purchase(
    book: Book, card: Card, purchase_cents: int, wish: Wish, by: By, request: Request, now: datetime
) -> Posted:
    if card.program.mechanics != Mechanics.SPEND:
        raise IllegalOperation(_("This card does not count what is spent."))
    posting = slips.posting(card, Kind.ACCRUE, by, request, comment=wish.comment)
    return orders.counter(card, purchase_cents, wish.order_key, posting=posting, book=book, now=now)


def _require_own(operation: Operation, by: By, now: datetime) -> None:
    actor, at = holds.done(operation)
    if by.may_undo:
        return
    if actor != by.actor:
        raise Forbidden(_("Only who did it may undo it."))
    if now - at > UNDO_WINDOW:
        raise Forbidden(_("It can be undone for 15 minutes only."))
